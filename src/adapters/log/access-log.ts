import type { AccessLog } from '../../core/ports.ts';
import { type LineSink, openPath, openStandard } from './line-sink.ts';
import { LineWriter } from './line-writer.ts';

export interface AccessLogOptions {
  /** `off`, `stdout`, or a path: a file is appended to, a named pipe must have a reader. */
  readonly destination: string;
  /** Lines that were given up: the destination is full, broken or too slow. */
  readonly onDropped: (lines: number) => void;
  /** The destination began to fail, or works again (`undefined`). */
  readonly onState: (error: Error | undefined) => void;
}

export interface OpenAccessLog extends AccessLog {
  /** Writes what still waits, for at most a second. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 1000;
/** Longest text of one field: longer than any path that a listener takes by default. */
const MAX_TEXT = 8 * 1024;

/** Opens the destination; throws DestinationError where that fails. Writing never throws, waits or grows without bound. */
export function openAccessLog(options: AccessLogOptions): OpenAccessLog {
  if (options.destination === 'off') return { write: () => undefined, close: async () => undefined };
  const sink = options.destination === 'stdout' ? openStandard('stdout') : openPath(options.destination);
  return accessLogTo(sink, options);
}

/** An access log into any sink. */
export function accessLogTo(sink: LineSink, options: Omit<AccessLogOptions, 'destination'>): OpenAccessLog {
  const writer = new LineWriter({ sink, onDropped: options.onDropped, onState: options.onState });
  return {
    write(line) {
      const text = accessLine(line, Date.now());
      if (text === undefined) options.onDropped(1);
      else writer.write(text);
    },
    close: () => writer.close(CLOSE_GRACE_MS),
  };
}

/**
 * One line, as pino writes them (`time` in milliseconds since 1970, `level`, `msg`), made by hand: an object of one fixed shape and
 * JSON.stringify cost 1 µs where pino takes 8. The fields are these and no others, so that nothing secret that a caller puts
 * into `line` can reach the log; fields that are undefined are left out. Undefined where it cannot be written as JSON.
 */
export function accessLine(line: Readonly<Record<string, unknown>>, wallMs: number): string | undefined {
  const shown = {
    time: wallMs,
    level: 'info',
    msg: 'exchange',
    direction: field(line.direction),
    route: field(line.route),
    api: field(line.api),
    contract_version: field(line.contract_version),
    operation: field(line.operation),
    method: field(line.method),
    path: field(line.path),
    status: field(line.status),
    code: field(line.code),
    origin: field(line.origin),
    consumer: field(line.consumer),
    consumer_version: field(line.consumer_version),
    request_id: field(line.request_id),
    correlation_id: field(line.correlation_id),
    causation_id: field(line.causation_id),
    trace_id: field(line.trace_id),
    span_id: field(line.span_id),
    duration_ms: field(line.duration_ms),
    upstream_ms: field(line.upstream_ms),
    attempts: field(line.attempts),
    request_bytes: field(line.request_bytes),
    response_bytes: field(line.response_bytes),
    peer: field(line.peer),
    violations: field(line.violations),
    flags: field(line.flags),
  };
  try {
    return `${JSON.stringify(shown)}\n`;
  } catch {
    return undefined;
  }
}

function field(value: unknown): unknown {
  return typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}
