import { orCancelled } from '../../core/credentials.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import { isSafe } from '../../core/rejection.ts';
import type { Answer, BodyNeed, Maybe, Policy, Stage } from '../../core/stage.ts';
import type { ClaimReply } from './claim-script.ts';
import { Claim, NO_CLAIM } from './claim.ts';
import { Claims, type Settlement, unknown } from './claims.ts';
import { type Comparison, READ_BYTES, compare } from './comparison.ts';
import type { IdempotencyConfig } from './config.ts';
import { Counts, type IdempotencyOutcome } from './counted.ts';
import { endingOf, isStored, unansweredEnding } from './ending.ts';
import { type KeyFault, KeyFinder } from './find-key.ts';
import { isStream, replayOf } from './kept-answer.ts';
import { idempotencyMetrics } from './metrics.ts';
import * as refusals from './refusals.ts';
import { asksForToken, fingerprintOf, keyHashOf, operationOf, principalOf } from './scope.ts';
import { Suspects } from './suspects.ts';
import { Waiting, untilSettled } from './waiting.ts';

/** A lock outlives the deadline by this much; without a deadline it has an end all the same (ID-2). */
const LOCK_SPARE_MS = 5000;
const LOCK_MS = 60_000;
/** Larger bodies of requests without a key are not hashed only to find out whether one like them was there. */
const SUSPECT_BYTES = 16 * 1024;

/** What the policy must know beside its own section. `apiKeys`: request fields that carry a credential, in lower case. */
export interface IdempotencySettings extends IdempotencyConfig {
  readonly apiKeys: readonly string[];
}

/** Executes what comes with one key once (ID-1 to ID-8). */
class Idempotency implements Stage<Claim> {
  readonly name = 'idempotency';
  readonly skipsUpgrades = true as const;
  readonly #config: IdempotencySettings;
  readonly #keys: KeyFinder;
  readonly #required: ReadonlySet<string>;
  readonly #whole: BodyNeed;
  readonly #mismatch: Answer;
  readonly #claims: Claims;
  readonly #deps: Deps;
  readonly #counts: Counts;
  readonly #waiting: Waiting;
  readonly #suspects: Suspects;

  constructor(config: IdempotencySettings, route: RouteSpec, deps: Deps) {
    this.#config = config;
    this.#keys = new KeyFinder(config);
    this.#required = new Set(config.required);
    this.#whole = Object.freeze({ as: 'whole', maxBytes: config.maxBytes });
    this.#mismatch = refusals.mismatch(config.mismatchStatus);
    this.#claims = new Claims(deps.store, config);
    this.#deps = deps;
    this.#counts = new Counts(deps.meter, route);
    this.#waiting = deps.live('idempotency:waiting', () => new Waiting(deps.meter.gauge(idempotencyMetrics.waiting).with()));
    this.#suspects = deps.live(`idempotency:suspects:${route.name}`, () => new Suspects(deps.clock));
  }

  open(x: Exchange): Claim {
    if (isSafe(x.request.method)) return NO_CLAIM;
    this.#counts.of(x.operationId); // born with the first use, so that whatever comes first is seen
    return new Claim();
  }

  onRequest(x: Exchange, claim: Claim): Maybe<Answer | undefined> {
    if (claim === NO_CLAIM) return undefined;
    const found = this.#keys.find(x);
    return found instanceof Promise ? found.then((late) => this.#found(x, claim, late)) : this.#found(x, claim, found);
  }

  #found(x: Exchange, claim: Claim, found: string | KeyFault): Maybe<Answer | undefined> {
    if (x.cancelled !== undefined) return undefined;
    if (typeof found === 'string') return this.#claim(x, claim, found);
    const refused = found.elsewhere === 'refuse' || (this.#required.size > 0 && this.#required.has(operationOf(x)));
    if (refused) return this.#refuse(x, found.outcome, found.answer);
    return found.elsewhere === 'bypass' ? this.#bypass(x) : this.#keyless(x, claim);
  }

  /** Left alone; only whether it is sent twice is looked at, where that costs little. */
  #keyless(x: Exchange, claim: Claim): undefined {
    const { headers, method } = x.request;
    if (method !== 'POST' && method !== 'PATCH') return;
    if (!(Number(headerValue(headers, 'content-length')) <= SUSPECT_BYTES)) return;
    claim.suspect = true;
    claim.digest = x.requestBody.digest();
  }

  /** Whose key it is may depend on what becomes of the access token. */
  #claim(x: Exchange, claim: Claim, key: string): Maybe<Answer | undefined> {
    const { credentials } = x;
    if (!(credentials instanceof Promise) || !asksForToken(x, this.#config.scope)) return this.#claimAs(x, claim, key);
    const from = this.#deps.clock.monotonicMs();
    return orCancelled(x, credentials).then((verdict) => {
      x.waitedMs += this.#deps.clock.monotonicMs() - from;
      return verdict === 'cancelled' ? undefined : this.#claimAs(x, claim, key);
    });
  }

  #claimAs(x: Exchange, claim: Claim, key: string): Maybe<Answer | undefined> {
    claim.principal = principalOf(x, this.#config.scope, this.#config.apiKeys);
    claim.operation = operationOf(x);
    claim.keyHash = keyHashOf(x, claim.principal, claim.operation, key);
    claim.owner = this.#deps.random.hex(16);
    x.keyed = true;
    x.keyHash = claim.keyHash;
    const reply = this.#ask(x, claim);
    return reply instanceof Promise ? reply.then((late) => this.#heard(x, claim, late)) : this.#answered(x, claim, reply);
  }

  /** A store that was asked and does not answer may have made the claim all the same. */
  #heard(x: Exchange, claim: Claim, reply: ClaimReply | 'unavailable'): Maybe<Answer | undefined> {
    if (reply === 'unavailable') this.#claims.releaseLater(claim);
    return this.#answered(x, claim, reply);
  }

  #ask(x: Exchange, claim: Claim): Maybe<ClaimReply | 'unavailable'> {
    const { deadlineAt } = x;
    const now = this.#deps.clock.monotonicMs();
    const lockMs = deadlineAt === undefined ? LOCK_MS : Math.max(0, deadlineAt - now) + LOCK_SPARE_MS;
    claim.lockEndAt = now + lockMs;
    return this.#claims.claim(claim, lockMs);
  }

  // ---------------------------------------------------------------- what is known of the key

  #answered(x: Exchange, claim: Claim, reply: ClaimReply | 'unavailable'): Maybe<Answer | undefined> {
    if (reply === 'unavailable') return this.#unprotected(x, claim);
    switch (reply.is) {
      case 'new':
        return this.#begin(x, claim, reply.lapsed, reply.fingerprint);
      case 'full':
        return this.#unprotected(x, claim);
      case 'running':
        if (this.#config.onInFlight === 'wait' && this.#waiting.enter())
          return this.#wait(x, claim, this.#deps.clock.monotonicMs() + reply.lockLeftMs);
        return this.#refuse(x, 'in_flight', refusals.IN_FLIGHT);
      case 'unknown':
        if (reply.lapsed) this.#tellLapsed(x, claim);
        return this.#refuse(x, 'unknown', refusals.OUTCOME_UNKNOWN);
      case 'expired':
        return this.#refuse(x, 'expired', refusals.EXPIRED);
      default:
        return this.#repeated(x, reply);
    }
  }

  /** The store does not say whether the key was used before (ID-8). */
  #unprotected(x: Exchange, claim: Claim): Answer | undefined {
    return this.#required.has(claim.operation) ? this.#refuse(x, 'unavailable', refusals.UNAVAILABLE) : this.#bypass(x);
  }

  #begin(x: Exchange, claim: Claim, lapsed: boolean, before: string): Maybe<Answer | undefined> {
    claim.held = true;
    claim.digest = x.requestBody.digest();
    x.detached = true;
    if (lapsed) this.#tellLapsed(x, claim);
    if (before === '' || x.cancelled !== undefined) return this.#count(x, 'new');
    // onUnknown: run, and it is known what was sent the first time: another request under its key is none the less a mismatch.
    const same = compare(x, before);
    return same instanceof Promise ? same.then((late) => this.#again(x, claim, before, late)) : this.#again(x, claim, before, same);
  }

  #again(x: Exchange, claim: Claim, before: string, same: Comparison): Maybe<Answer | undefined> {
    if (same === 'same' || same === 'cancelled') return this.#count(x, 'new');
    const refusal = same === 'overload' ? this.#refuse(x, 'overload', refusals.OVERLOADED) : this.#refuse(x, 'mismatch', this.#mismatch);
    const given = this.#end(x, claim, unknown(before));
    return given instanceof Promise ? given.then(() => refusal) : refusal;
  }

  #repeated(x: Exchange, first: Extract<ClaimReply, { is: 'done' | 'marker' }>): Maybe<Answer | undefined> {
    if (first.fingerprint === '') return this.#refuse(x, 'not_kept', refusals.resultNotKept(first.status));
    const same = compare(x, first.fingerprint);
    return same instanceof Promise ? same.then((late) => this.#compared(x, first, late)) : this.#compared(x, first, same);
  }

  #compared(x: Exchange, first: Extract<ClaimReply, { is: 'done' | 'marker' }>, same: Comparison): Answer | undefined {
    if (same === 'cancelled') return undefined;
    if (same === 'overload') return this.#refuse(x, 'overload', refusals.OVERLOADED);
    // A body that is too large to be compared is not that of the first: of a larger one there is no fingerprint.
    if (same !== 'same') return this.#refuse(x, 'mismatch', this.#mismatch);
    if (first.is === 'marker') return this.#refuse(x, 'not_kept', refusals.resultNotKept(first.status));
    return this.#refuse(x, 'replayed', replayOf(first.status, first.headers, first.body));
  }

  async #wait(x: Exchange, claim: Claim, lockEndAt: number): Promise<Answer | undefined> {
    const from = this.#deps.clock.monotonicMs();
    let doubtful = false;
    const ask = async (): Promise<ClaimReply | 'unavailable'> => {
      const reply = this.#ask(x, claim);
      if (!(reply instanceof Promise)) return reply;
      const late = await reply;
      doubtful ||= late === 'unavailable';
      return late;
    };
    try {
      await x.requestBody.whole(READ_BYTES);
      const settled = await untilSettled(x, this.#deps, lockEndAt, ask);
      if (typeof settled === 'object') return await this.#answered(x, claim, settled);
      if (doubtful) this.#claims.releaseLater(claim);
      return settled === 'cancelled' ? undefined : this.#refuse(x, 'in_flight', refusals.IN_FLIGHT);
    } finally {
      x.waitedMs += this.#deps.clock.monotonicMs() - from;
      this.#waiting.leave();
    }
  }

  #tellLapsed(x: Exchange, claim: Claim): void {
    this.#deps.observer.unknownOutcome(x, { reason: 'LOCK_LAPSED', keyHash: claim.keyHash });
  }

  #refuse(x: Exchange, outcome: IdempotencyOutcome, answer: Answer): Answer {
    this.#counts.of(x.operationId)[outcome].inc();
    return answer;
  }

  #bypass(x: Exchange): undefined {
    return this.#count(x, 'bypassed');
  }

  #count(x: Exchange, outcome: IdempotencyOutcome): undefined {
    this.#counts.of(x.operationId)[outcome].inc();
  }

  // ---------------------------------------------------------------- the answer

  responseBody(_x: Exchange, answer: Answer, claim: Claim): BodyNeed {
    return claim.held && isStored(answer, this.#config) && !isStream(answer.headers) ? this.#whole : undefined;
  }

  /** Stored before the first byte is forwarded (ID-5): who asks again after having seen it finds it there. */
  onResponse(x: Exchange, answer: Answer, claim: Claim): Maybe<Answer> {
    if (!claim.held) return answer;
    const ended = this.#end(x, claim, endingOf(x, answer, claim, this.#config));
    return ended instanceof Promise ? ended.then(() => answer) : answer;
  }

  #end(x: Exchange, claim: Claim, ending: Settlement | 'release'): Maybe<unknown> {
    claim.held = false;
    if (ending === 'release') return this.#claims.release(claim);
    if (ending.state !== 'unknown' && this.#deps.clock.monotonicMs() >= claim.lockEndAt)
      this.#deps.observer.outcomeKnown({ keyHash: claim.keyHash, status: ending.status });
    const reply = this.#claims.settle(claim, ending);
    if (reply instanceof Promise) return reply.then((late) => this.#ended(x, late));
    return this.#ended(x, reply);
  }

  #ended(x: Exchange, reply: string): void {
    if (reply === 'stale') this.#counts.of(x.operationId).stale.inc();
  }

  onFinish(x: Exchange, _end: string, claim: Claim): void {
    if (claim.held) this.#giveUp(x, claim);
    const digest = claim.suspect && x.sent !== 'nothing' ? claim.digest?.value() : undefined;
    if (digest === undefined) return;
    const principal = principalOf(x, this.#config.scope, this.#config.apiKeys);
    if (this.#suspects.seen(keyHashOf(x, principal, operationOf(x), fingerprintOf(x, digest))))
      this.#counts.of(x.operationId).suspected.inc();
  }

  /** A bug let it slip by `onResponse`. */
  #giveUp(x: Exchange, claim: Claim): void {
    claim.held = false;
    const ending = unansweredEnding(x, claim);
    if (ending === 'release') this.#claims.releaseLater(claim);
    else this.#claims.settleLater(claim, ending);
  }
}

export const idempotency = {
  name: 'idempotency',
  compile: (config, route, deps) => new Idempotency(config, route, deps),
} satisfies Policy<'idempotency', IdempotencySettings>;
