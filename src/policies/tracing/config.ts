export interface TracingConfig {
  /** Whose trace context is taken over (`trust.ids`). */
  readonly ids: 'anyone' | 'peers';
  /** Share of the traces beginning here that is exported, 0 to 1; undefined where nothing is exported. */
  readonly sample: number | undefined;
}
