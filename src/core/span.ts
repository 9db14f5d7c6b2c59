import type { FoundDrift } from './drift.ts';
import type { Finding } from './exchange.ts';

/** What the spans of one exchange have in common, where its trace is exported. */
export interface SampledTrace {
  /** The caller's span, 16 lower-case hexadecimal digits; empty where the trace begins here. */
  readonly parentId: string;
  /** `trace-flags` as passed on: 2 lower-case hexadecimal digits. */
  readonly flags: string;
  /** `tracestate` as passed on; empty: none. */
  readonly state: string;
}

/** Where an observation of a histogram can be looked up. */
export interface SpanRef {
  readonly traceId: string;
  readonly spanId: string;
}

/** One span that has ended. Kept until it is exported, so it refers to nothing of the exchange but texts and findings. */
export interface Span extends SpanRef {
  /** `server`: an exchange. `client`: one of its tries. */
  readonly kind: 'server' | 'client';
  /** Of few values: never a path, an identifier or anything else that a caller chooses. */
  readonly name: string;
  /** Empty: this span is the trace's first. */
  readonly parentId: string;
  readonly flags: string;
  readonly state: string;
  /** Monotonic clock, milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: 'unset' | 'error';
  /** `[name, value, name, value, …]`; numbers are whole. */
  readonly attributes: ReadonlyArray<string | number>;
  readonly findings: readonly Finding[];
  /** What of the exchange differs from the contract; absent: nothing was found. */
  readonly drift?: readonly FoundDrift[] | undefined;
}
