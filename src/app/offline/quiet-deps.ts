import { bodyDecoder } from '../../adapters/body-decoder.ts';
import { MemoryStore } from '../../adapters/memory-store/memory-store.ts';
import { systemRandom } from '../../adapters/system-clock/system.ts';
import type { Deps } from '../../core/policy.ts';
import type { Meter, Observer } from '../../core/ports.ts';
import { contractMetrics } from '../../policies/contract/metrics.ts';
import { checkHere } from './check-here.ts';

/** Judging keeps nothing in it. */
const STORE_BYTES = 64 * 1024;

const nothing = (): void => undefined;
const child = { inc: nothing, dec: nothing, set: nothing, observe: nothing };
const [OUTCOME, REASON] = (['outcome', 'reason'] as const).map((label) => contractMetrics.checks.labels.indexOf(label)) as [number, number];
const family = { with: () => child, remove: nothing };

export interface QuietDeps {
  readonly observer: Observer;
  /** The instant of the exchange at hand. */
  readonly wallMs: () => number;
  /** Told of each side of an exchange that could not be judged. */
  readonly onSkipped: (reason: string) => void;
}

/** What a policy is compiled with where there is no gateway: nothing is logged or shared, and nothing counted but what was not judged. */
export function quietDeps({ observer, wallMs, onSkipped }: QuietDeps): Deps {
  const checks = {
    with: (...labels: readonly string[]) => (labels[OUTCOME] === 'skipped' ? { inc: () => onSkipped(labels[REASON] ?? '') } : child),
    remove: nothing,
  };
  const meter: Meter = {
    counter: ({ name }) => (name === contractMetrics.checks.name ? checks : family),
    gauge: () => family,
    histogram: () => family,
  };
  // What is judged as it goes by may take a share of the time: here there is nobody to take it from, and a verdict must not depend on the machine.
  const clock = { monotonicMs: () => 0, wallMs };
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
