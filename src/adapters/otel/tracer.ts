import type { Tracer } from '../../core/ports.ts';
import { httpCollector } from './collector.ts';
import { envelope } from './encode.ts';
import { BatchExporter, type ExporterDeps } from './exporter.ts';

export interface TracerOptions extends Pick<ExporterDeps, 'clock' | 'timers' | 'random' | 'meter' | 'logger'> {
  /** Base address of an OTLP/HTTP receiver. */
  readonly otlp: string;
  readonly service: { readonly name: string; readonly version: string; readonly environment: string };
  /** Of Plumbline. */
  readonly version: string;
}

export interface OpenTracer extends Tracer {
  /** Sends what waits, for at most two seconds. */
  close(): Promise<void>;
}

/** Spans over OTLP/HTTP. Connects with the first batch: a collector that is not there yet keeps nothing from starting. */
export async function openTracer({ otlp, service, version, ...deps }: TracerOptions): Promise<OpenTracer> {
  const collector = await httpCollector({
    url: new URL(`${otlp}/v1/traces`),
    timers: deps.timers,
    userAgent: `plumbline/${version}`,
  });
  // OpenTelemetry semantic conventions, "Service" and "Telemetry SDK": the name `opentelemetry` is that of the official ones.
  const resource = {
    'service.name': service.name,
    'service.version': service.version,
    'service.instance.id': deps.random.uuid(),
    'deployment.environment.name': service.environment,
    'telemetry.sdk.name': 'plumbline',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
  };
  return new BatchExporter({ ...deps, collector, envelope: envelope({ resource, scope: { name: 'plumbline', version } }) });
}
