import type { RawHeaders } from '../../src/core/headers.ts';
import type { RouteSpec } from '../../src/core/policy.ts';
import { rejection } from '../../src/core/rejection.ts';
import { type Answer, type BodyNeed, type Stage, refuse } from '../../src/core/stage.ts';
import { fallback } from '../../src/policies/fallback/stage.ts';
import { type FakeDeps, type Given, answerOf, exchange, fakeDeps, routeSpec } from './exchange.ts';

const TIMEOUT = refuse(rejection('UPSTREAM_TIMEOUT', ''));
const LIMITS = { maxBytes: 100_000, maxAgeMs: 60_000 };

export interface Came extends Given {
  readonly status?: number;
  readonly said?: RawHeaders;
  readonly body?: never;
  readonly text?: string;
}

/** A route with a memory: what comes from its upstream, and what is sent when nothing comes. */
export class Memory {
  readonly deps: FakeDeps;
  readonly stage: Stage;
  readonly #route: RouteSpec;

  constructor(limits: object = {}, deps = fakeDeps(), route: Partial<RouteSpec> = {}) {
    this.deps = deps;
    this.#route = routeSpec(route);
    this.stage = fallback.compile({ static: undefined, lastGood: { ...LIMITS, ...limits }, apiKeys: ['x-partner-key'] }, this.#route, deps);
  }

  /** One exchange that ends well; gives what was asked of the answer's body. */
  comes({ status = 200, said = [], text = 'good', ...given }: Came = {}): BodyNeed {
    const x = exchange({ target: '/a', route: this.#route, startedAt: this.deps.clock.monotonicMs(), ...given });
    const answer = answerOf(status, { headers: said });
    const state = this.stage.open?.(x);
    const need = this.stage.responseBody?.(x, answer, state);
    x.answer = this.stage.onResponse?.(x, answer, state) as Answer;
    const fits = need?.as === 'copy' && text.length <= need.maxBytes;
    const copy = { chunks: fits ? [Buffer.from(text)] : undefined, unread: fits ? undefined : ('too_large' as const), bytes: text.length };
    if (need !== undefined) void this.stage.onCopy?.(x, 'response', copy, state);
    return need;
  }

  /** What is sent where the upstream has no answer; undefined: nothing is kept. */
  stale(given: Given = {}): Answer | undefined {
    const x = exchange({ target: '/a', route: this.#route, ...given });
    const answer = this.stage.onResponse?.(x, TIMEOUT, this.stage.open?.(x)) as Answer;
    return answer === TIMEOUT ? undefined : answer;
  }

  text(given: Given = {}): string | undefined {
    const answer = this.stale(given);
    return answer && Buffer.from(answer.body as Uint8Array).toString();
  }
}

export const withHeaders = (...headers: string[]) => ({ headers });
