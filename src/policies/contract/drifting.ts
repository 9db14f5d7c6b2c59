import type { ContractResponse, Operation, Violation } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import type { Observer } from '../../core/ports.ts';
import { NONE, driftOf, driftOfBoth } from './drift.ts';

/** Tells of how the traffic and the contract differ. What a request shows is told once it is known what the service made of it. */
export class Drifting {
  readonly #observer: Observer;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  get wanted(): boolean {
    return this.#observer.wantsDrift;
  }

  /** A broken rule of the service's own answer. A fallback is the operator's, and a replay was told of when it was new. */
  ofAnswer(x: Exchange, violation: Violation): void {
    if (this.wanted && x.answer?.origin === 'upstream') this.#observer.drift(x, driftOf(violation));
  }

  /** A path, method or webhook that the contract does not know and the service answers: what it refuses is no part of it. */
  ofRoute(x: Exchange, violation: Violation): void {
    const { answer } = x;
    if (this.wanted && answer?.origin === 'upstream' && answer.status < 400)
      this.#observer.drift(x, { ...driftOf(violation), name: x.request.method });
  }

  /** A body that was parsed for its verdict. */
  ofBody(x: Exchange, { driftParts }: Operation, response: ContractResponse | undefined, body: ParsedBody): void {
    if (this.wanted && driftParts !== undefined) this.found(x, response, driftParts.inBody(x.request, response, body));
  }

  found(x: Exchange, response: ContractResponse | undefined, drift: readonly Drift[]): void {
    if (drift.length === 0) return;
    if (response === undefined) x.requestDrift = x.requestDrift === undefined ? drift : [...x.requestDrift, ...drift];
    else this.#tell(x, drift);
  }

  /** When the exchange is over, or the verdict on its request came later: both are needed. */
  ofBoth(x: Exchange): void {
    const { answer, operation, requestVerdict: verdict } = x;
    if (!this.wanted || x.end === undefined || operation === undefined || verdict === undefined || answer?.origin !== 'upstream') return;
    this.#tell(x, driftOfBoth({ operation, verdict, drift: x.requestDrift ?? NONE, status: answer.status }));
  }

  #tell(x: Exchange, drift: readonly Drift[]): void {
    for (const one of drift) this.#observer.drift(x, one);
  }
}
