import { bodyDecoder } from '../../adapters/body-decoder.ts';
import { MemoryStore } from '../../adapters/memory-store/memory-store.ts';
import { systemClock, systemRandom } from '../../adapters/system-clock/system.ts';
import type { Deps } from '../../core/policy.ts';
import type { Meter, Observer } from '../../core/ports.ts';
import { checkHere } from './check-here.ts';

/** Judging keeps nothing in it. */
const STORE_BYTES = 64 * 1024;

const nothing = (): void => undefined;
const child = { inc: nothing, dec: nothing, set: nothing, observe: nothing };
const family = { with: () => child, remove: nothing };
const meter: Meter = { counter: () => family, gauge: () => family, histogram: () => family };

/** What a policy is compiled with where there is no gateway: nothing is counted, logged or shared. `wallMs`: the instant of the exchange at hand. */
export function quietDeps(observer: Observer, wallMs: () => number): Deps {
  const clock = { monotonicMs: systemClock.monotonicMs, wallMs };
  const store = new MemoryStore({ maxBytes: STORE_BYTES, clock, meter });
  return {
    clock,
    // Nothing that judges waits.
    timers: { after: () => ({ cancel: nothing }) },
    random: systemRandom(),
    meter,
    logger: { info: nothing, warn: nothing, error: nothing },
    accessLog: { write: nothing },
    observer,
    tracer: undefined,
    overloaded: () => false,
    load: { lagMs: () => 0, inFlight: () => 1 },
    decoder: bodyDecoder({ take: () => true, release: nothing }),
    checkPool: checkHere,
    keys: { open: () => ({ current: () => 'unavailable', newer: () => 'unavailable', [Symbol.dispose]: nothing }) },
    store,
    localStore: store,
    live: (_key, make) => make(),
  };
}
