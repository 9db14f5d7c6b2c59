import type { Exchange } from '../core/exchange.ts';
import type { Counter, Family, Logger, Meter } from '../core/ports.ts';
import { pipelineMetrics } from '../pipeline/metrics.ts';

/** What our own code threw: logged with its stack and counted, and the traffic goes on. */
export class Bugs {
  readonly #logger: Logger;
  readonly #counted: Family<Counter, typeof pipelineMetrics.bugs.labels>;

  constructor(logger: Logger, meter: Meter) {
    this.#logger = logger;
    this.#counted = meter.counter(pipelineMetrics.bugs);
    this.#counted.with('timers', 'after');
  }

  readonly inStage = (x: Exchange, stage: string, hook: string, error: unknown): void => {
    this.#counted.with(stage, hook).inc();
    this.#logger.error({ stage, hook, request_id: x.requestId, route: x.route.name, stack: stackOf(error) }, 'internal error');
  };

  inTimer(error: unknown): void {
    this.#counted.with('timers', 'after').inc();
    this.#logger.error({ stack: stackOf(error) }, 'internal error in a timer');
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : String(error);
}
