import type { LoadOptions, LoadResult } from '../core/contract-loading.ts';
import { loadOpenApi } from './openapi/load.ts';

/** One line a protocol. */
const LOADERS = {
  openapi: loadOpenApi,
} as const satisfies Readonly<Record<string, (options: LoadOptions) => Promise<LoadResult>>>;

export type Protocol = keyof typeof LOADERS;

/** Protocols that contracts can be written in. */
export const PROTOCOLS = Object.keys(LOADERS) as readonly Protocol[];

/** Loads and checks a contract. Never rejects for what is in its files: that is in `problems`. */
export function loadContract(protocol: Protocol, options: LoadOptions): Promise<LoadResult> {
  return LOADERS[protocol](options);
}
