import { dirname, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUrl, urlFault } from '../../core/fetched-url.ts';

/** A reference by any scheme but a path: one letter alone is a drive of Windows. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]+:/;

export interface References {
  /** `https`: documents of other hosts, too. */
  readonly refs: 'files' | 'https';
  /** Where documents were really found, by the uri that was asked for: that is what references are relative to (RFC 3986 §5.1.3). */
  readonly foundAt: ReadonlyMap<string, string>;
}

/**
 * The document that `ref` (without fragment) in the document `base` means: a path, or a URL. A document from the network can refer to its own
 * origin alone unless `refs` is `https`, and never to a file. @throws Error whose message can be shown.
 */
export function resolveReference(base: string, ref: string, { refs, foundAt }: References): string {
  const from = foundAt.get(base) ?? base;
  if (isUrl(from)) return ofUrl(from, ref, refs);
  if (/^file:/i.test(ref)) return fileURLToPath(ref);
  if (SCHEME.test(ref)) return remote(ref, refs);
  return resolvePath(dirname(from), decoded(ref));
}

function ofUrl(from: string, ref: string, refs: References['refs']): string {
  const url = URL.parse(ref, from);
  if (url === null) throw new Error(`not a reference: ${shown(ref)}`);
  url.hash = '';
  return url.origin === new URL(from).origin && url.protocol !== 'file:' ? url.href : remote(url.href, refs);
}

function remote(ref: string, refs: References['refs']): string {
  if (!/^https:\/\//i.test(ref)) throw new Error(`only files and https can be referred to: ${shown(ref)}`);
  if (refs !== 'https') throw new Error(`remote references need \`refs: https\`: ${shown(ref)}`);
  const fault = urlFault(ref);
  if (fault !== undefined) throw new Error(`${shown(ref)} ${fault}`);
  return new URL(ref).href;
}

/** A reference is a URI: a blank in a file's name is written `%20`. */
function decoded(ref: string): string {
  try {
    return decodeURIComponent(ref);
  } catch {
    return ref;
  }
}

function shown(ref: string): string {
  return ref.slice(0, 200);
}
