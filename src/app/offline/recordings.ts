import type { Contract } from '../../core/contract.ts';
import { looksLikeCapture, readCapture } from '../../observation/traffic/capture.ts';
import { readHar } from '../../observation/traffic/har.ts';
import type { RecordedExchange, Recording } from '../../observation/traffic/recorded.ts';

export type { RecordedExchange, UnreadEntry } from '../../observation/traffic/recorded.ts';

/** What a file of traffic holds: an HTTP Archive, or exchanges one a line in our own form. Undefined: neither. */
export function readRecording(text: string): Recording | undefined {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return archiveIn(bare) ?? (looksLikeCapture(bare) ? readCapture(bare) : undefined);
}

function archiveIn(text: string): Recording | undefined {
  try {
    return readHar(JSON.parse(text));
  } catch {
    // Several lines are no JSON.
    return undefined;
  }
}

/** Whether an exchange went to a host that the contract is about. What a page loads from elsewhere is no drift of it. */
export function isOf({ hosts }: Contract, { host }: RecordedExchange, wanted: string | undefined): boolean {
  if (wanted !== undefined) return host === wanted;
  return host === '' || hosts === undefined || hosts.size === 0 || hosts.has(host);
}
