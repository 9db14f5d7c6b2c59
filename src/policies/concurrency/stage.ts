import type { Policy } from '../../core/stage.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { AdaptiveConcurrency } from './adaptive-stage.ts';
import type { ConcurrencyConfig } from './config.ts';
import { Concurrency } from './fixed-stage.ts';
import { concurrencyMetrics } from './metrics.ts';
import { Places } from './places.ts';

export const concurrency = {
  name: 'concurrency',
  compile: (config, route, deps) => {
    const { api, upstream } = route;
    const places = deps.live(`concurrency ${upstream}`, () => new Places());
    if (config.adaptive) {
      const make = () => new AdaptiveLimit(config.limit, deps.clock, deps.timers, () => places.serve());
      return new AdaptiveConcurrency(config, route, deps, places, deps.live(`concurrency adaptive ${upstream}`, make));
    }
    deps.meter.gauge(concurrencyMetrics.limit).with(api).set(config.limit);
    return new Concurrency(config, route, deps, places, undefined);
  },
} satisfies Policy<'concurrency', ConcurrencyConfig>;
