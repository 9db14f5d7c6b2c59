import type { Path } from '../core/schema.ts';

/** One thing that is wrong (or doubtful) in a configuration or a contract; what `check --json` prints. */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable, snake_case. */
  readonly code: string;
  /** For people; without the place, which stands in the other members. */
  readonly message: string;
  /** As the user named it; a flag (`--port`) or variable (`PLUMBLINE_PORT`) where the value came from there. */
  readonly file: string;
  /** From 1, in UTF-16 code units; 0 where there is no place (a file that cannot be read, a flag). */
  readonly line: number;
  readonly column: number;
  /** JSON pointer (RFC 6901); empty for the whole. */
  readonly pointer: string;
  readonly suggestion?: string;
  readonly found?: string;
  readonly allowed?: readonly string[];
  /** Name of the contract that it is about. */
  readonly contract?: string;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** RFC 6901 §3. */
export function toPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A pointer as people write it: `routes[0].policies.contract`, keys with odd characters in brackets and quotes. */
export function showPointer(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, i) =>
      /^\d+$/.test(part) ? `[${part}]` : /^[\w-]+$/.test(part) ? `${i === 0 ? '' : '.'}${part}` : `[${JSON.stringify(part)}]`,
    )
    .join('');
}
