import type { AccessLine, AccessLog } from '../../core/ports.ts';
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
    write: (line) => writer.write(accessLine(line, Date.now())),
    close: () => writer.close(CLOSE_GRACE_MS),
  };
}

/**
 * One line, as pino writes them (`time` in milliseconds since 1970, `level`, `msg`), put together by hand: 0.7 µs, where JSON.stringify
 * of an object takes 2.4 and pino 8. The fields are these and no others, so that nothing secret that a caller puts into `line` can reach the log.
 */
export function accessLine(line: AccessLine, wallMs: number): string {
  return (
    `{"time":${wallMs},"level":"info","msg":"exchange","direction":${text(line.direction)},"route":${text(line.route)},"api":${text(line.api)},` +
    `"contract_version":${text(line.contract_version)},"operation":${text(line.operation)},"method":${text(line.method)},"path":${text(line.path)},` +
    `"status":${line.status},"code":${text(line.code)},"origin":${text(line.origin)},"consumer":${text(line.consumer)},` +
    `"consumer_version":${text(line.consumer_version)},"request_id":${text(line.request_id)},"correlation_id":${text(line.correlation_id)},` +
    `"causation_id":${text(line.causation_id)},"trace_id":${text(line.trace_id)},"span_id":${text(line.span_id)},` +
    `"duration_ms":${line.duration_ms},"upstream_ms":${line.upstream_ms},"attempts":${line.attempts},` +
    `"request_bytes":${line.request_bytes},"response_bytes":${line.response_bytes},"peer":${text(line.peer)},` +
    `"violations":${line.violations},"flags":[${line.flags.map(text).join(',')}]${line.detail === '' ? '' : `,"detail":${text(line.detail)}`}}\n`
  );
}

/** What a JSON string may hold as it is: printable ASCII without `"` and `\`. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function text(value: string): string {
  if (value.length > MAX_TEXT) return JSON.stringify(`${value.slice(0, MAX_TEXT)}…`);
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}
