import { createHash } from 'node:crypto';
import type { Counter, Histogram, Meter } from '../../core/ports.ts';
import type { StoreScript } from '../../core/store.ts';
import { OUTCOMES, type Outcome, redisStoreMetrics } from './metrics.ts';

/** What of a script concerns Redis. */
export type RedisScript<R> = Pick<StoreScript<R>, 'name' | 'lua' | 'read'>;

/** A script with what is found out once. */
export interface Known {
  /** SHA-1 of its text, as `EVALSHA` takes it. */
  readonly sha: string;
  readonly calls: Readonly<Record<Outcome, Counter>>;
  readonly seconds: Histogram;
}

export class Scripts {
  readonly #meter: Meter;
  readonly #known = new WeakMap<object, Known>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  of(script: RedisScript<unknown>): Known {
    const known = this.#known.get(script) ?? this.#study(script);
    this.#known.set(script, known);
    return known;
  }

  #study({ name, lua }: RedisScript<unknown>): Known {
    const calls = this.#meter.counter(redisStoreMetrics.calls);
    return {
      sha: createHash('sha1').update(lua).digest('hex'),
      calls: Object.fromEntries(OUTCOMES.map((outcome) => [outcome, calls.with(name, outcome)])) as Known['calls'],
      seconds: this.#meter.histogram(redisStoreMetrics.duration).with(name),
    };
  }
}
