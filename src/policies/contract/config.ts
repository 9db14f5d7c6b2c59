export type Mode = 'off' | 'report' | 'enforce';

/** `policies.contract` (semantics CP-1). */
export interface ContractConfig {
  readonly request: Mode;
  readonly response: Mode;
  /** What is done about a path or method that the contract does not know; undefined: as `request` says (off: ignore). */
  readonly undocumented: 'ignore' | 'report' | 'enforce' | undefined;
  /** Paths (whole segments: `/healthz` covers `/healthz/live`) that are never judged. */
  readonly ignore: readonly string[];
  /** Share of exchanges that are judged, 0 to 1. */
  readonly sample: number;
  readonly maxBodyBytes: number;
  /** What enforce does with what cannot be checked. */
  readonly onUnchecked: 'pass' | 'refuse';
  /** Count requests that the upstream itself refused with 4xx (CP-5). */
  readonly countRefused: boolean;
  /** By operation: modes that replace those above. */
  readonly operations: Readonly<Record<string, { readonly request?: Mode; readonly response?: Mode }>>;
}
