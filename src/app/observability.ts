import { type OpenAccessLog, openAccessLog } from '../adapters/log/access-log.ts';
import { DestinationError } from '../adapters/log/line-sink.ts';
import { type OpenLogger, logFormat, openLogger } from '../adapters/log/logger.ts';
import type { OpenTracer } from '../adapters/otel/tracer.ts';
import { type Prometheus, createPrometheus } from '../adapters/prometheus/prometheus.ts';
import type { Settings } from '../config/settings.ts';
import type { Afterwork, Clock, Random, Timers } from '../core/ports.ts';
import { FindingRecord } from '../observation/drift/finding-record.ts';
import { observationMetrics } from '../observation/metrics.ts';
import { OutcomeRecord } from '../observation/outcome-record.ts';
import { OutcomeLedger } from '../observation/outcomes.ts';
import { ViolationStore } from '../observation/violations.ts';
import { StartError } from './start-error.ts';
import manifest from '../../package.json' with { type: 'json' };

/** All that tells of the traffic: metrics, logs, violations, unknown outcomes, findings. */
export interface Observability {
  readonly prometheus: Prometheus;
  readonly logger: OpenLogger;
  readonly accessLog: OpenAccessLog;
  readonly violations: ViolationStore;
  readonly outcomes: OutcomeRecord;
  readonly findings: FindingRecord;
}

/** What is told of the traffic where nobody has configured it. */
export interface Telling {
  /** Whether new findings have their lines in the log; where there is a screen that shows them, they are in its way. */
  readonly findingLines?: 'log' | 'none';
}

/** What observing takes of the system. */
export interface ObservabilityParts extends Telling {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly afterwork: Afterwork;
}

export function openObservability(settings: Settings, { random, ...parts }: ObservabilityParts): Observability {
  const { limits } = settings.telemetry;
  const prometheus = createPrometheus({ limits });
  prometheus.setBuildInfo({ version: manifest.version, revision: process.env['PLUMBLINE_REVISION'] ?? '', node: process.version });
  const dropped = prometheus.meter.counter(observationMetrics.dropped);
  const logDropped = dropped.with('log');
  const lineDropped = dropped.with('access_log');
  const logger = openLogger({ format: logFormat(process.stderr, process.env), onDropped: (lines) => logDropped.inc(lines) });
  let accessLog: OpenAccessLog;
  try {
    accessLog = openAccessLog({
      destination: settings.telemetry.accessLog,
      onDropped: (lines) => lineDropped.inc(lines),
      onState: (error) => {
        if (error === undefined) logger.info({}, 'the access log can be written again');
        else logger.error({ reason: error.message }, 'the access log cannot be written; traffic goes on');
      },
    });
  } catch (error) {
    if (error instanceof DestinationError) throw new StartError(error.message);
    throw error;
  }
  const violations = new ViolationStore({ limit: limits.violations, instance: random.hex(4) });
  const ledger = new OutcomeLedger({ limit: limits.outcomes, instance: random.hex(4) });
  const outcomes = new OutcomeRecord({ ...parts, ledger, meter: prometheus.meter, logger });
  const findings = new FindingRecord({
    limit: limits.findings,
    clock: parts.clock,
    meter: prometheus.meter,
    logger: parts.findingLines === 'none' ? undefined : logger,
  });
  return { prometheus, logger, accessLog, violations, outcomes, findings };
}

/** The exporter of spans; undefined where none is configured, and then nothing of it is loaded. */
export async function openTracer(
  { telemetry, service }: Settings,
  { prometheus, logger }: Observability,
  time: { readonly clock: Clock; readonly timers: Timers; readonly random: Random },
): Promise<OpenTracer | undefined> {
  if (telemetry.traces === undefined) return undefined;
  const otel = await import('../adapters/otel/tracer.ts');
  const { otlp } = telemetry.traces;
  return otel.openTracer({ ...time, otlp, service, version: manifest.version, meter: prometheus.meter, logger });
}
