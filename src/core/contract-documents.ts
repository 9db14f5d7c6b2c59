import type { LoadOptions } from './contract-loading.ts';

/** Bytes that are kept for long: as they are where they are few, else deflated (RFC 1950). */
export interface KeptBytes {
  readonly bytes: Uint8Array;
  readonly form: 'plain' | 'deflated';
}

/**
 * Everything that a contract was made of, so that the very same one can be made again: its files may hold other bytes by now, or be gone.
 * Plain data, which can be sent to another thread.
 */
export interface ContractDocuments {
  readonly protocol: string;
  readonly options: Pick<LoadOptions, 'name' | 'uri' | 'basePath' | 'formats'>;
  /** Of the contract; what is made again must have it too. */
  readonly digest: string;
  /** By the uri that `LoadOptions.read` was asked for. What is not here could not be read. */
  readonly files: ReadonlyMap<string, KeptBytes>;
  /** Where files were really found, by the uri that was asked for, where that is another: references are relative to it. */
  readonly foundAt: ReadonlyMap<string, string>;
  readonly refs: 'files' | 'https';
}
