/** Things that come one by one, and whoever waits for the next of them. */
export class Arrivals<T> {
  readonly #come: T[] = [];
  #waiting: ((one: T) => void) | undefined = undefined;

  add(one: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#come.push(one);
    else waiting(one);
  }

  next(): Promise<T> {
    const first = this.#come.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
