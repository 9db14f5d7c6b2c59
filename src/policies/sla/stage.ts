import type { Exchange } from '../../core/exchange.ts';
import { type Sla, countedLatency } from '../../core/ownership.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import type { Answer, Policy, Stage } from '../../core/stage.ts';
import { slaMetrics } from './metrics.ts';
import { availability, isEndless, latencyMs } from './verdict.ts';

/** The two series of one promise. */
interface Kept {
  readonly good: Counter;
  readonly bad: Counter;
}

/** Counts every exchange for or against what was promised of the API: against the threshold itself, where a histogram knows its buckets only. */
class SlaStage implements Stage<void> {
  readonly name = 'sla';
  readonly #availability: Kept | undefined;
  readonly #latency: Kept | undefined;
  readonly #thresholdMs: number;

  constructor(sla: Sla, api: string, meter: Meter) {
    const family = meter.counter(slaMetrics.requests);
    const kept = (objective: string): Kept => ({ good: family.with(api, objective, 'true'), bad: family.with(api, objective, 'false') });
    const latency = countedLatency(sla);
    this.#availability = sla.availability === undefined ? undefined : kept('availability');
    this.#latency = latency && kept('latency');
    this.#thresholdMs = latency?.thresholdMs ?? 0;
  }

  /** What has no end is counted when it begins. */
  onResponse(x: Exchange, answer: Answer): Answer {
    if (isEndless(x, answer)) this.#availability?.good.inc();
    return answer;
  }

  onFinish(x: Exchange): void {
    const { answer } = x;
    if (answer === undefined || isEndless(x, answer)) return;
    const verdict = availability(x);
    if (verdict === 'nothing') return;
    this.#availability?.[verdict].inc();
    if (this.#latency === undefined || verdict === 'bad') return;
    const ms = latencyMs(x, answer);
    if (ms !== undefined) this.#latency[ms <= this.#thresholdMs ? 'good' : 'bad'].inc();
  }
}

export const sla = {
  name: 'sla',
  compile: (config, { api }, { meter }) =>
    config === undefined || (config.availability === undefined && countedLatency(config) === undefined)
      ? undefined
      : new SlaStage(config, api, meter),
} satisfies Policy<'sla', Sla | undefined>;
