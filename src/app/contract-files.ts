import { type Fingerprint, fingerprint, fingerprintOf } from '../adapters/config-watch/fingerprint.ts';
import { MAX_FILE_BYTES, contractSource } from '../adapters/contract-source.ts';
import type { WatchedFile } from '../adapters/config-watch/file-watch.ts';
import type { ContractSettings } from '../config/settings.ts';
import { loadContract } from '../contracts/registry.ts';
import type { LoadResult } from '../core/contract-loading.ts';

/** A contract as it was loaded, with what of it can be compared: its settings and every byte that was read. */
export interface ReadContract {
  readonly key: string;
  readonly result: LoadResult;
  /** By path, also of files that were asked for and could not be read. */
  readonly fingerprints: ReadonlyMap<string, Fingerprint>;
}

/** All that a compiled contract depends on but its bytes. */
function keyOf({ protocol, name, path, basePath, formats }: ContractSettings): string {
  return JSON.stringify([protocol, name, path, basePath, formats]);
}

export async function readContract(settings: ContractSettings): Promise<ReadContract> {
  const { protocol, name, path, basePath, formats } = settings;
  const fingerprints = new Map<string, Fingerprint>();
  const source = contractSource();
  const read = async (uri: string): Promise<Uint8Array> => {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await source.read(uri);
      return bytes;
    } finally {
      fingerprints.set(uri, await fingerprintOf(bytes));
    }
  };
  const result = await loadContract(protocol, { name, uri: path, basePath, formats, ...source, read });
  return { key: keyOf(settings), result, fingerprints };
}

/** Whether loading it again would give the same: then it is kept, with the validators that it has compiled. */
export async function isCurrent(read: ReadContract, settings: ContractSettings): Promise<boolean> {
  if (read.key !== keyOf(settings)) return false;
  for (const [path, known] of read.fingerprints) {
    if ((await fingerprint(path, MAX_FILE_BYTES)) !== known) return false;
  }
  return true;
}

export function filesOf({ result, fingerprints }: ReadContract): WatchedFile[] {
  return result.files.map((path) => ({ path, fingerprint: fingerprints.get(path), maxBytes: MAX_FILE_BYTES }));
}
