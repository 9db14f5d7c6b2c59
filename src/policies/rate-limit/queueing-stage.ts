import type { Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock } from '../../core/ports.ts';
import type { Answer, Maybe, Stage } from '../../core/stage.ts';
import { readAnnounced } from './announced.ts';
import type { RateLimitConfig } from './config.ts';
import { Decisions } from './decisions.ts';
import { LimitFields } from './limit-fields.ts';
import { type Asked, LimitGroup } from './limit-group.ts';
import type { Line } from './line.ts';
import { Lines } from './lines.ts';
import { MAX_CLOSED_MS } from './quota.ts';
import { NOT_COUNTED, overLimit, waitMs } from './refusals.ts';
import { Turns } from './turns.ts';

interface Part {
  readonly group: LimitGroup;
  readonly decisions: Decisions;
}

/** Where one exchange waits, if it does. */
class Place {
  lineKey = '';
}

/**
 * Limits of which some let a request wait for its turn instead of refusing it (RL-5), and learn from what the partner answers. All are asked at
 * once. Only where those that make wait say no, the others are charged by themselves, before the request takes its place: it has passed
 * them, and must not fill the line for nothing. From then on only the first of the line asks.
 */
export class QueueingRateLimit implements Stage<Place> {
  readonly name = 'rateLimit';
  /** Those that refuse, then those that make wait. */
  readonly #all: Part;
  /** Those that refuse; undefined where there are none. */
  readonly #entrance: Part | undefined;
  readonly #entrances: number;
  readonly #turns: Turns;
  readonly #fields: LimitFields;
  readonly #lines: Lines<Asked>;
  readonly #clock: Clock;

  constructor(limits: readonly RateLimitConfig[], route: RouteSpec, deps: Deps) {
    const part = (some: readonly RateLimitConfig[]): Part => ({
      group: new LimitGroup(some, route, deps),
      decisions: new Decisions(some, route, deps.meter),
    });
    const refusing = limits.filter(({ mode }) => mode === 'refuse');
    const queueing = limits.filter(({ mode }) => mode === 'queue');
    this.#all = part([...refusing, ...queueing]);
    this.#entrance = refusing.length === 0 ? undefined : part(refusing);
    this.#entrances = refusing.length;
    this.#turns = new Turns(queueing, route, deps);
    this.#fields = new LimitFields(refusing);
    this.#lines = deps.live(`rateLimit/${route.name}/${route.upstream}`, () => new Lines<Asked>(deps.clock, deps.timers));
    this.#clock = deps.clock;
  }

  open(): Place {
    return new Place();
  }

  onRequest(x: Exchange, place: Place): Maybe<Answer | undefined> {
    const keys = this.#all.group.keys(x);
    place.lineKey = keys.slice(this.#entrances).join('\n');
    const line = this.#lines.find(place.lineKey);
    if (line?.isBusy === true) return this.#stand(x, keys, line);
    const asked = this.#all.group.ask(keys);
    return asked instanceof Promise ? asked.then((late) => this.#decide(x, keys, place, late)) : this.#decide(x, keys, place, asked);
  }

  #decide(x: Exchange, keys: readonly string[], place: Place, asked: Asked | 'unavailable'): Maybe<Answer | undefined> {
    const { group, decisions } = this.#all;
    if (asked === 'unavailable') return this.#notCounted(this.#all, x);
    this.#fields.tell(x, asked);
    const refusing = group.refusing(asked);
    if (refusing < 0) {
      decisions.passed(asked, x.consumer.name);
      this.#turns.counted(asked, this.#entrances);
      return undefined;
    }
    if (refusing < this.#entrances) {
      decisions.stopped(asked, x.consumer.name);
      return overLimit(group.limits, asked, refusing);
    }
    const grantsAt = this.#clock.monotonicMs() + waitMs(group.limits, asked);
    const line = this.#lines.at(place.lineKey);
    if (line === undefined) return this.#turns.turnAway(x, 'full', grantsAt);
    line.grantsFrom(grantsAt);
    return this.#stand(x, keys, line);
  }

  #stand(x: Exchange, keys: readonly string[], line: Line<Asked>): Maybe<Answer | undefined> {
    const refusal = this.#turns.refusal(x, line);
    if (refusal !== undefined) return refusal;
    if (this.#entrance === undefined) return this.#turns.wait(x, keys, line);
    const asked = this.#entrance.group.ask(keys.slice(0, this.#entrances));
    return asked instanceof Promise
      ? asked.then((late) => this.#enter(x, keys, line, this.#entrance as Part, late))
      : this.#enter(x, keys, line, this.#entrance, asked);
  }

  #enter(x: Exchange, keys: readonly string[], line: Line<Asked>, entrance: Part, asked: Asked | 'unavailable'): Maybe<Answer | undefined> {
    if (asked === 'unavailable') return this.#notCounted(entrance, x);
    this.#fields.tell(x, asked);
    const refusing = entrance.group.refusing(asked);
    if (refusing >= 0) {
      entrance.decisions.stopped(asked, x.consumer.name);
      return overLimit(entrance.group.limits, asked, refusing);
    }
    // The line may have grown while a store in another process was asked.
    const refusal = this.#turns.refusal(x, line);
    if (refusal !== undefined) {
      entrance.group.giveBack(keys.slice(0, this.#entrances), asked);
      return refusal;
    }
    entrance.decisions.passed(asked, x.consumer.name);
    return this.#turns.wait(x, keys.slice(this.#entrances), line);
  }

  #notCounted({ decisions }: Part, x: Exchange): Answer {
    decisions.unasked(x.consumer.name);
    return NOT_COUNTED;
  }

  onResponse(x: Exchange, answer: Answer, place: Place): Answer {
    if (answer.origin === 'upstream') this.#learn(answer, place);
    this.#fields.join(x, answer.headers);
    return answer;
  }

  #learn({ status, headers }: Answer, { lineKey }: Place): void {
    const announced = readAnnounced(status, headers, this.#clock.wallMs());
    if (announced === undefined) return;
    this.#turns.quota.announce(announced);
    if (announced.closedMs <= 0) return;
    const until = this.#clock.monotonicMs() + Math.min(announced.closedMs, MAX_CLOSED_MS);
    this.#lines.at(lineKey)?.hold(until, this.#turns.spacingMs);
  }
}
