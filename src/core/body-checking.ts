import type { Contract, ContractRequest, ContractResponse, Operation, Outcome, Side } from './contract.ts';

/** Takes content codings off a body (RFC 9110 §8.4), for whoever looks at it: what is forwarded stays as it came. */
export interface BodyDecoder {
  /**
   * `coding`: the value of Content-Encoding. The bytes without it; or `encoding`: one that is not known, bytes that are not in it, more than 100
   * times as many bytes (HY-5); `too_large`: more than `maxBytes`. At once where there is nothing to take off. Never rejects.
   */
  decode(
    coding: string,
    chunks: readonly Uint8Array[],
    maxBytes: number,
  ): readonly Uint8Array[] | 'encoding' | 'too_large' | Promise<readonly Uint8Array[] | 'encoding' | 'too_large'>;
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
}

/** Judges bodies that are too large for the event loop. Bounded: what has no room is skipped (`overload`). Never rejects. */
export interface CheckPool {
  check(job: CheckJob): Promise<Outcome>;
}
