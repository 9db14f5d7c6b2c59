import { SaxesParser } from 'saxes';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const DECLARED = /^<\?xml\s[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/;
const UTF8_NAMES: ReadonlySet<string> = new Set(['utf-8', 'us-ascii']);
/** A bound on names that are open at the same time. */
const MAX_DEPTH = 10_000;

/**
 * Whether bytes are well-formed XML 1.0; undefined: they are. `unclear`: not in UTF-8, deeper than 10,000 elements, or with a document type
 * declaration, which may declare what seems to be wrong. Nothing is expanded; namespaces are not looked at.
 */
export function xmlFault(bytes: Uint8Array): 'malformed' | 'unclear' | undefined {
  const text = textOf(bytes);
  // UTF-16 or UTF-32 without a mark, of which the media type may tell (RFC 7303 §3.3).
  if (text === undefined || bytes[0] === 0 || bytes[1] === 0) return 'unclear';
  let isMalformed = false;
  let depth = 0;
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('error', () => {
    isMalformed = true;
    throw STOP;
  });
  parser.on('opentagstart', () => {
    depth += 1;
    if (depth > MAX_DEPTH) throw STOP;
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  try {
    parser.write(text).close();
    return undefined;
  } catch {
    // A parser that fails by itself says nothing about the document.
    return isMalformed && !text.includes('<!DOCTYPE') ? 'malformed' : 'unclear';
  }
}

const STOP = new Error('stop');

function textOf(bytes: Uint8Array): string | undefined {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return undefined;
  }
  const declared = DECLARED.exec(text)?.[1]?.toLowerCase();
  const isAscii = text.length === bytes.byteLength;
  return declared === undefined || isAscii || UTF8_NAMES.has(declared) ? text : undefined;
}
