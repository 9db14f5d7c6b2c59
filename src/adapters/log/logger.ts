import { pino } from 'pino';
import type { Logger } from '../../core/ports.ts';
import { type LineSink, openStandard } from './line-sink.ts';
import { LineWriter } from './line-writer.ts';
import { readableLine } from './readable-line.ts';

/** `json`: pino's lines. `text` and `colour`: one short line for a person at a terminal. */
export type LogFormat = 'json' | 'text' | 'colour';

export interface LoggerOptions {
  readonly format: LogFormat;
  /** Lines that were given up: standard error is broken or too slow. */
  readonly onDropped: (lines: number) => void;
  /** Standard error where left out. */
  readonly sink?: LineSink;
}

export interface OpenLogger extends Logger {
  /** Writes what still waits, for at most a second. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 1000;
const SECRETS = ['authorization', 'cookie', 'password', 'secret', 'token'];

/** JSON for machines; readable lines at a terminal, coloured unless NO_COLOR is set (no-color.org). */
export function logFormat(stream: { readonly isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>): LogFormat {
  if (stream.isTTY !== true) return 'json';
  return (environment.NO_COLOR ?? '') === '' ? 'colour' : 'text';
}

/** The log of what the gateway itself does. Bounded like the access log: it neither waits for its reader nor throws. */
export function openLogger(options: LoggerOptions): OpenLogger {
  const { format, onDropped } = options;
  const writer = new LineWriter({ sink: options.sink ?? openStandard('stderr'), onDropped, onState: () => undefined });
  const log = pino(
    {
      base: null,
      formatters: { level: (level) => ({ level }) },
      // What our own code logs has no secrets; this is for the field that somebody adds without thinking of it.
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '***' },
    },
    { write: (line: string) => writer.write(format === 'json' ? line : readableLine(line, format)) },
  );
  return {
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    close: () => writer.close(CLOSE_GRACE_MS),
  };
}
