import type { Contract } from './contract.ts';
import type { DocumentReader } from './document-reading.ts';

/** How a contract document is asked for. Everything it needs of the outside world comes through `read` and `resolve`. */
export interface LoadOptions {
  /** Name of the contract in the configuration. */
  readonly name: string;
  /** The root document, as `read` takes it. */
  readonly uri: string;
  /** `auto`: the path parts of the document's servers; `none`: paths as they stand; else a path that replaces them. */
  readonly basePath: 'auto' | 'none' | (string & {});
  /** Whether `format` is asserted or is an annotation only. */
  readonly formats: 'assert' | 'annotate';
  /** How many times as long as on the event loop a judgement of this contract may take, where nothing else waits for it; absent: 1. */
  readonly patience?: number;
  /** The bytes of a file. Rejects with an Error whose message can be shown (missing, too large, remote, too many). */
  read(uri: string): Promise<Uint8Array>;
  /** The file that the reference `ref` (without fragment) in the file `base` means; may throw as `read` rejects. */
  resolve(base: string, ref: string): string;
  /** Reads large files away from the event loop; absent: all are read at once, here. */
  readonly reader?: DocumentReader;
  /** Awaited now and then while a large document is checked, so that the event loop is not held; absent: all in one go. */
  pause?(): Promise<void>;
  /**
   * For `check`: compile every schema at once and report those that cannot be compiled, and problems of severity `info` too. Without it
   * schemas compile in the background.
   */
  readonly eager?: boolean;
}

/** One thing that is wrong (or doubtful) in a contract document. */
export interface ContractProblem {
  /** `error`: verdicts would be wrong, the contract is refused. `warning`: something is not judged or is sloppy. */
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable, snake_case. */
  readonly code: string;
  readonly message: string;
  /** As given to `read`. */
  readonly file: string;
  /** From 1; 0 where there is no place. */
  readonly line: number;
  readonly column: number;
  /** JSON pointer (RFC 6901) into `file`. */
  readonly pointer: string;
  readonly suggestion?: string;
}

export interface LoadResult {
  /** Undefined where there is a problem of severity `error`. */
  readonly contract: Contract | undefined;
  readonly problems: readonly ContractProblem[];
  /** Every file that was read or asked for, root first: what a reload must watch. */
  readonly files: readonly string[];
}
