import type { Logger } from '../../src/core/ports.ts';

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps what it is told. */
export class RecordingLog implements Logger {
  readonly entries: LogEntry[] = [];

  info = this.#to('info');
  warn = this.#to('warn');
  error = this.#to('error');

  /** `level message reason`, one line each. */
  get lines(): string[] {
    return this.entries.map(({ level, message, fields }) => `${level} ${message} ${String(fields.reason ?? '')}`.trimEnd());
  }

  #to(level: LogEntry['level']) {
    return (fields: object, message: string): void => void this.entries.push({ level, fields: { ...fields }, message });
  }
}
