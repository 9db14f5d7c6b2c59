/** The API server could not be asked, or said no. `message` is for people and bounded; `status` is that of the answer, where one came. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined) {
    super(message);
    this.status = status;
  }
}
