import type { LoadOptions, LoadResult } from '../core/contract-loading.ts';
import type { FileReading } from '../core/document-reading.ts';
import { openApiReading } from './openapi/document/file-reading.ts';
import { loadOpenApi } from './openapi/load.ts';

/** One line a protocol. */
const LOADERS = {
  openapi: loadOpenApi,
} as const satisfies Readonly<Record<string, (options: LoadOptions) => Promise<LoadResult>>>;

export type Protocol = keyof typeof LOADERS;

/** What `LoadOptions.reader` does elsewhere, by protocol. */
const READINGS = { openapi: openApiReading } as const satisfies Readonly<Record<Protocol, FileReading>>;

export function readingOf(protocol: Protocol): FileReading {
  return READINGS[protocol];
}

/** Loads and checks a contract. Never rejects for what is in its files: that is in `problems`. */
export function loadContract(protocol: Protocol, options: LoadOptions): Promise<LoadResult> {
  return LOADERS[protocol](options);
}
