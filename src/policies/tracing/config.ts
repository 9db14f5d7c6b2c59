/** Whose trace context is taken over (`trust.ids`). There is no exporter in this version: the context is created and propagated. */
export interface TracingConfig {
  readonly ids: 'anyone' | 'peers';
}
