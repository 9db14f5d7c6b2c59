import { readFileSync } from 'node:fs';
import { until } from './until.ts';

/** What an integration test looks at of one line; configuration.md has the whole list. */
export interface AccessLine {
  readonly route: string;
  readonly api: string;
  readonly contract_version: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly code: string;
  readonly origin: string;
  readonly request_id: string;
  readonly attempts: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
  readonly duration_ms: number;
  readonly upstream_ms: number;
  readonly violations: number;
  readonly flags: readonly string[];
}

/** An access log that is being written to a file. */
export class AccessLines {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** All whole lines so far. */
  all(): AccessLine[] {
    const text = readFileSync(this.#path, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AccessLine);
  }

  /** Waits until there are at least `count` lines that fit. */
  async wait(count = 1, fits: (line: AccessLine) => boolean = () => true): Promise<AccessLine[]> {
    return until(() => {
      const found = this.all().filter(fits);
      return found.length >= count && found;
    }, `${count} lines in the access log`);
  }

  /** Waits for the first line that fits. */
  async one(fits?: (line: AccessLine) => boolean): Promise<AccessLine> {
    return (await this.wait(1, fits))[0] as AccessLine;
  }
}
