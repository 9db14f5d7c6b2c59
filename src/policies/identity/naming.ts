import { type TokenVerdict, orCancelled } from '../../core/credentials.ts';
import { type Exchange, UNKNOWN_CONSUMER } from '../../core/exchange.ts';
import type { Clock, Timers } from '../../core/ports.ts';
import type { Maybe, Policy, Stage } from '../../core/stage.ts';
import type { ConsumerSource, IdentityConfig } from './config.ts';
import { findConsumer } from './consumer.ts';

/** Of the time that is left: a name is worth a wait, and not the answer. */
const SHARE = 0.5;

/**
 * Waits for the name of a caller whom the access token alone names (HD-2). Inside `deadline`: only there it is known how long there is to wait. Who
 * has not been named by then is called what the other sources say.
 */
class Naming implements Stage<void> {
  readonly name = 'naming';
  readonly #sources: readonly ConsumerSource[];
  readonly #clock: Clock;
  readonly #timers: Timers;

  constructor(sources: readonly ConsumerSource[], clock: Clock, timers: Timers) {
    this.#sources = sources;
    this.#clock = clock;
    this.#timers = timers;
  }

  onRequest(x: Exchange): Maybe<undefined> {
    if (x.naming === undefined) return undefined;
    const from = this.#clock.monotonicMs();
    return this.#heard(x, x.naming, from).then((verdict) => {
      x.waitedMs += this.#clock.monotonicMs() - from;
      if (typeof verdict === 'object') x.consumer = findConsumer(x, this.#sources, verdict) ?? UNKNOWN_CONSUMER;
      return undefined;
    });
  }

  #heard(x: Exchange, verdict: Promise<TokenVerdict>, now: number): Promise<TokenVerdict | 'cancelled' | 'late'> {
    const heard = orCancelled(x, verdict);
    const { deadlineAt } = x;
    if (deadlineAt === undefined) return heard;
    return new Promise((resolve) => {
      const timer = this.#timers.after((deadlineAt - now) * SHARE, () => resolve('late'));
      void heard.then((one) => {
        timer.cancel();
        resolve(one);
      });
    });
  }
}

export const naming = {
  name: 'naming',
  compile: ({ consumer, tokens }, _route, deps) =>
    tokens !== undefined && consumer.some(({ from }) => from === 'jwt') ? new Naming(consumer, deps.clock, deps.timers) : undefined,
} satisfies Policy<'naming', IdentityConfig>;
