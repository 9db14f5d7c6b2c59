import type { Drift } from './drift.ts';
import type { Contract, ContractRequest, ContractResponse, DeprecatedUse, Operation, Outcome, Side } from './contract.ts';

/** Why the codings of a body were not taken off: it is not judged. */
export type Undecoded = 'encoding' | 'too_large' | 'overload';

/** Takes content codings off a body (RFC 9110 §8.4), for whoever looks at it: what is forwarded stays as it came. */
export interface BodyDecoder {
  /**
   * `coding`: the value of Content-Encoding. The bytes without it; or `encoding`: one that is not known, bytes that are not in it, more than 100
   * times as many bytes (HY-5); `too_large`: more than `maxBytes`; `overload`: too much else is being decoded. At once where there is nothing to
   * take off or little to do. Never rejects.
   */
  decode(
    coding: string,
    chunks: readonly Uint8Array[],
    maxBytes: number,
  ): readonly Uint8Array[] | Undecoded | Promise<readonly Uint8Array[] | Undecoded>;
}

/** Bytes that the process may hold in copies of bodies at any moment (`telemetry.limits.bufferedBytes`). */
export interface ByteAllowance {
  /** False: over the limit, nothing was taken. */
  take(bytes: number): boolean;
  release(bytes: number): void;
}

/** One body to be judged away from the event loop. */
export interface CheckJob {
  readonly contract: Contract;
  readonly operation: Operation;
  readonly side: Side;
  readonly request: ContractRequest;
  /** Undefined on the request's side. */
  readonly response: ContractResponse | undefined;
  /** Without content coding. */
  readonly body: readonly Uint8Array[];
  readonly bytes: number;
  /** Who waits for the verdict: an exchange that is held back for it, or nobody but the log. */
  readonly heldBack: 'exchange' | 'nothing';
  /** Somebody would be told of what the contract does not know. */
  readonly wantsDrift: boolean;
}

export interface CheckedBody {
  readonly outcome: Outcome;
  /** Deprecated members that it has, as far as they were looked for. */
  readonly deprecated: readonly DeprecatedUse[];
  /** What it has that the contract does not know, as far as that was looked for. */
  readonly drift: readonly Drift[];
}

/** Judges bodies that are too large for the event loop. Bounded: what has no room is skipped (`overload`). Never rejects. */
export interface CheckPool {
  check(job: CheckJob): Promise<CheckedBody>;
}
