import type { Keys } from '../../core/keys.ts';
import type { Clock, Logger, Meter, Timers } from '../../core/ports.ts';
import { fetchDocument } from './fetch.ts';
import { FetchedKeys } from './key-set.ts';
import { jwksMetrics } from './metrics.ts';

export interface JwksOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly meter: Meter;
  readonly logger: Logger;
  /** Of the program, for User-Agent. */
  readonly version: string;
}

/** Keys over HTTP. */
export function fetchedKeys({ clock, timers, meter, logger, version }: JwksOptions): Keys {
  /** How many sets are open, by their address as it is shown: a reload opens the next before it closes the last. */
  const open = new Map<string, number>();
  return {
    open(url) {
      const fetches = meter.counter(jwksMetrics.fetches);
      const [fetched, failed] = [fetches.with('fetched'), fetches.with('failed')];
      const keys = meter.gauge(jwksMetrics.keys);
      const fetchedAt = meter.gauge(jwksMetrics.fetchedAt);
      const jwks = shown(url);
      open.set(jwks, (open.get(jwks) ?? 0) + 1);
      keys.with(jwks).set(0);
      fetchedAt.with(jwks).set(0);
      let failing = false;
      return new FetchedKeys({
        clock,
        timers,
        fetch: (signal) => fetchDocument(url, { timers, userAgent: `plumbline/${version}`, signal }),
        onFetched(count) {
          fetched.inc();
          keys.with(jwks).set(count);
          fetchedAt.with(jwks).set(clock.wallMs() / 1000);
          if (failing) logger.info({ jwks, keys: count }, 'the keys for access tokens can be fetched again');
          failing = false;
        },
        onFailed(reason) {
          failed.inc();
          if (!failing) logger.warn({ jwks, reason }, 'the keys for access tokens cannot be fetched; traffic goes on');
          failing = true;
        },
        onClosed() {
          const others = (open.get(jwks) ?? 1) - 1;
          if (others > 0) return void open.set(jwks, others);
          open.delete(jwks);
          keys.remove(jwks);
          fetchedAt.remove(jwks);
        },
      });
    },
  };
}

/** For people: a query may hold what is nobody's business. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
