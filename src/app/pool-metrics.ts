import type { Meter } from '../core/ports.ts';
import { appMetrics } from './metrics.ts';
import type { Upstreams } from './upstreams.ts';

const STATES = ['busy', 'idle'] as const;

/** Before a scrape: what the pools hold, added up by upstream. One that is no longer used takes its series along. */
export class PoolMetrics {
  readonly #meter: Meter;
  #shown: ReadonlySet<string> = new Set();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  publish(upstreams: Upstreams): void {
    const connections = this.#meter.gauge(appMetrics.upstreamConnections);
    const waiting = this.#meter.gauge(appMetrics.upstreamWaiting);
    const usage = upstreams.usage();
    for (const [upstream, used] of usage) {
      connections.with(upstream, 'busy').set(used.connections - used.idle);
      connections.with(upstream, 'idle').set(used.idle);
      waiting.with(upstream).set(used.waiting);
    }
    for (const upstream of this.#shown) {
      if (usage.has(upstream)) continue;
      for (const state of STATES) connections.remove(upstream, state);
      waiting.remove(upstream);
    }
    this.#shown = new Set(usage.keys());
  }
}
