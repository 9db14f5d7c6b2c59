import type { ContractProblem } from '../core/contract-loading.ts';
import type { Path } from '../core/schema.ts';

/**
 * One thing that is wrong (or doubtful) in a configuration or a contract; what `check --json` prints. `file` is as the user named it, or
 * a flag (`--port`) or variable (`PLUMBLINE_PORT`) where the value came from there; line and column count from 1 in UTF-16 code units, and are 0 where
 * there is no place.
 */
export interface Problem extends ContractProblem {
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
