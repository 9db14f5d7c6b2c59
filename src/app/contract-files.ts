import { type Fingerprint, UNREADABLE, fingerprint, fingerprintOf } from '../adapters/config-watch/fingerprint.ts';
import type { WatchedFile } from '../adapters/config-watch/file-watch.ts';
import { MAX_FILE_BYTES, contractSource } from '../adapters/contract-source.ts';
import { indexFile } from '../adapters/contract-source/index-file.ts';
import { keepBytes } from '../adapters/contract-source/kept-bytes.ts';
import type { RemoteFiles } from '../adapters/contract-source/remote-files.ts';
import { RemoteReading } from '../adapters/contract-source/remote-reading.ts';
import type { ContractSettings } from '../config/settings.ts';
import { loadContract } from '../contracts/registry.ts';
import type { ContractDocuments, KeptBytes } from '../core/contract-documents.ts';
import type { LoadResult } from '../core/contract-loading.ts';
import type { DocumentReader } from '../core/document-reading.ts';
import { isUrl } from '../core/fetched-url.ts';
import { noDocument } from './no-document.ts';

/** A contract as it was loaded, with what of it can be compared: its settings and every byte that was read. */
export interface ReadContract {
  readonly key: string;
  readonly result: LoadResult;
  /** By path or URL, also of what was asked for and could not be had. */
  readonly fingerprints: ReadonlyMap<string, Fingerprint>;
  /** What it was made of; undefined where it is no contract. */
  readonly documents: ContractDocuments | undefined;
}

/** Files that change while they are read are read again, so often. */
const READINGS = 3;

/** All that a compiled contract depends on but its bytes. */
function keyOf({ protocol, name, path, basePath, formats, refs }: ContractSettings): string {
  return JSON.stringify([protocol, name, path, basePath, formats, refs]);
}

/** `remote`: what of it comes over the network; `reader`: what reads large files where requests must not wait for it. What was read is of one moment: no file has changed between the first and the last. */
export async function readContract(settings: ContractSettings, remote: RemoteFiles, reader?: DocumentReader): Promise<ReadContract> {
  for (let reading = 1; ; reading++) {
    const read = await readOnce(settings, remote, reader);
    if (reading >= READINGS || (await isCurrent(read, settings, remote))) return read;
  }
}

async function readOnce(settings: ContractSettings, remote: RemoteFiles, reader: DocumentReader | undefined): Promise<ReadContract> {
  const { protocol, name, path, basePath, formats, refs } = settings;
  const fingerprints = new Map<string, Fingerprint>();
  const kept = new Map<string, Promise<KeptBytes>>();
  const index = await indexFile(path);
  for (const asked of index.asked) fingerprints.set(asked, await fingerprint(asked, MAX_FILE_BYTES));
  if (index.uri === undefined) return { key: keyOf(settings), result: noDocument(path, index), fingerprints, documents: undefined };
  const reading = new RemoteReading(remote);
  const source = contractSource({ root: path, refs, remote: reading });
  const read = async (uri: string): Promise<Uint8Array> => {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await source.read(uri);
      const known = reading.kept(uri);
      kept.set(uri, known === undefined ? keepBytes(bytes) : Promise.resolve(known));
      return bytes;
    } finally {
      fingerprints.set(uri, isUrl(uri) ? remoteFingerprint(reading, uri) : await fingerprintOf(bytes));
    }
  };
  const options = { name, uri: index.uri, basePath, formats };
  const result = await loadContract(protocol, { ...options, ...source, read, ...(reader !== undefined && { reader }) });
  const files = new Map<string, KeptBytes>();
  for (const [uri, bytes] of kept) files.set(uri, await bytes);
  const documents = result.contract && {
    protocol,
    options,
    digest: result.contract.digest,
    files,
    foundAt: reading.foundAt,
    refs,
  };
  return { key: keyOf(settings), result, fingerprints, documents };
}

/**
 * Whether loading it again would give the same: then it is kept, with the validators that it has compiled. Nothing is fetched for it: documents of
 * the network are what they were when they were fetched last.
 */
export async function isCurrent(read: ReadContract, settings: ContractSettings, remote: RemoteFiles): Promise<boolean> {
  if (read.key !== keyOf(settings)) return false;
  for (const [path, known] of read.fingerprints) {
    const now = isUrl(path) ? remoteFingerprint(remote, path) : await fingerprint(path, MAX_FILE_BYTES);
    if (now !== known) return false;
  }
  return true;
}

function remoteFingerprint(remote: Pick<RemoteFiles, 'fingerprint'>, url: string): Fingerprint {
  return remote.fingerprint(url) ?? UNREADABLE;
}

/** What can change on this machine. */
export function filesOf(read: ReadContract): WatchedFile[] {
  return urisOf(read)
    .filter((uri) => !isUrl(uri))
    .map((path) => ({ path, fingerprint: read.fingerprints.get(path), maxBytes: MAX_FILE_BYTES }));
}

/** What must be asked for elsewhere. */
export function urlsOf(read: ReadContract): string[] {
  return urisOf(read).filter(isUrl);
}

function urisOf({ result, fingerprints }: ReadContract): string[] {
  return [...new Set([...result.files, ...fingerprints.keys()])];
}
