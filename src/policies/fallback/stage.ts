import type { Side } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Gauge } from '../../core/ports.ts';
import { isSafe } from '../../core/rejection.ts';
import type { Answer, BodyNeed, Copy, Policy, Stage } from '../../core/stage.ts';
import type { FallbackConfig, LastGoodConfig } from './config.ts';
import { Counts } from './counts.ts';
import { hasFailed } from './failed.ts';
import { keptAnswer, staleAnswer } from './kept-answer.ts';
import { LastGood } from './last-good.ts';
import { fallbackMetrics } from './metrics.ts';
import { asksForShared, mayBeKept, ownFields, targetKey } from './shared.ts';
import { staticAnswer } from './static-answer.ts';

/** What the policy must know beside its own section. `apiKeys`: request fields that carry a credential, in lower case. */
export interface FallbackSetting extends FallbackConfig {
  readonly apiKeys: readonly string[];
}

/** An answer for when the upstream has none (FB-1). */
class Fallback<S = unknown> implements Stage<S> {
  readonly name = 'fallback';
  readonly skipsUpgrades = true as const;
  readonly #static: Answer | undefined;
  readonly #counts: Counts;

  constructor(config: FallbackConfig, route: RouteSpec, deps: Deps) {
    this.#static = config.static === undefined ? undefined : staticAnswer(config.static);
    this.#counts = new Counts(route, deps.meter);
  }

  onResponse(x: Exchange, answer: Answer): Answer {
    const counts = this.#counts.of(x.operationId);
    // Whoever has left is sent nothing: what goes on without him goes on for the sake of its outcome (ID-3).
    if (!hasFailed(answer) || x.brokenBy === 'CLIENT_CLOSED') return answer;
    const stale = this.stale(x);
    const instead = stale ?? this.#static;
    if (instead === undefined) return answer;
    (stale === undefined ? counts.static : counts.stale).inc();
    x.flags.push(`instead:${answer.rejection?.code ?? answer.status}`);
    return instead;
  }

  /** The last good answer to this request, if one is kept. */
  protected stale(_x: Exchange): Answer | undefined {
    return undefined;
  }
}

/** What one exchange still has to be looked at for. */
class Keeping {
  keep = false;
}

/** The same with a memory. */
class RememberingFallback extends Fallback<Keeping> {
  readonly #config: LastGoodConfig;
  readonly #api: string;
  readonly #own: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #lastGood: LastGood;
  readonly #need: { readonly as: 'copy'; readonly maxBytes: number };
  readonly #bytes: Gauge;
  readonly #evicted: Counter;
  readonly #unread: Readonly<Record<'too_large' | 'overload', Counter>>;

  constructor(config: FallbackSetting, lastGood: LastGoodConfig, route: RouteSpec, deps: Deps) {
    super(config, route, deps);
    const { api } = route;
    this.#config = lastGood;
    this.#api = api;
    this.#own = ownFields(config.apiKeys);
    this.#clock = deps.clock;
    this.#lastGood = deps.live(`fallback:${route.name}`, () => new LastGood());
    this.#need = Object.freeze({ as: 'copy', maxBytes: Math.floor(lastGood.maxBytes / 4) });
    this.#bytes = deps.meter.gauge(fallbackMetrics.bytes).with(api);
    const dropped = deps.meter.counter(fallbackMetrics.dropped);
    this.#evicted = dropped.with(api, 'evicted');
    this.#unread = { too_large: dropped.with(api, 'too_large'), overload: dropped.with(api, 'overload') };
  }

  open(): Keeping {
    return new Keeping();
  }

  /** Asked for each try's answer, and again where a stage put another in its place: that one is not kept. */
  responseBody(x: Exchange, answer: Answer, keeping: Keeping): BodyNeed {
    keeping.keep = mayBeKept(x, answer, this.#own);
    if (!keeping.keep) return undefined;
    const announced = headerValue(answer.headers, 'content-length');
    if (announced === undefined || Number(announced) <= this.#need.maxBytes) return this.#need;
    keeping.keep = false;
    this.#unread.too_large.inc();
    return undefined;
  }

  override onResponse(x: Exchange, answer: Answer): Answer {
    if (outdates(x, answer, this.#own)) {
      this.#lastGood.forget(targetKey(x));
      this.#lastGood.tell(this.#api, this.#bytes);
    }
    return super.onResponse(x, answer);
  }

  /** After the last byte: only what has wholly been delivered is good. */
  onCopy(x: Exchange, side: Side, copy: Copy, keeping: Keeping): void {
    const { answer } = x;
    if (side !== 'response' || !keeping.keep || answer === undefined) return;
    if (copy.chunks === undefined) return this.#unread[copy.unread ?? 'too_large'].inc();
    const kept = keptAnswer(x, answer, copy.chunks);
    const evicted = this.#lastGood.put(targetKey(x), kept, this.#config.maxBytes);
    if (evicted > 0) this.#evicted.inc(evicted);
    this.#lastGood.tell(this.#api, this.#bytes);
  }

  protected override stale(x: Exchange): Answer | undefined {
    if (!asksForShared(x, this.#own)) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const kept = this.#lastGood.find(targetKey(x), x, nowMs - this.#config.maxAgeMs);
    return kept === undefined ? undefined : staleAnswer(kept, nowMs);
  }
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
/** Not there any more, or not for everybody. */
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** Whether what is kept of this target is not so any more: somebody has changed it (RFC 9111 §4.4), or the service says that it is gone. */
function outdates(x: Exchange, { origin, status }: Answer, own: ReadonlySet<string>): boolean {
  if (origin !== 'upstream') return false;
  if (!isSafe(x.request.method)) return status >= 200 && status < 400;
  return GONE.has(status) && asksForShared(x, own);
}

export const fallback = {
  name: 'fallback',
  compile: (config, route, deps) =>
    config.lastGood === undefined ? new Fallback(config, route, deps) : new RememberingFallback(config, config.lastGood, route, deps),
} satisfies Policy<'fallback', FallbackSetting>;
