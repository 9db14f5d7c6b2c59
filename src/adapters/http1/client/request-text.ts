import type { UpstreamRequest } from '../../../core/ports.ts';
import { requestHead } from '../wire/message-text.ts';

const WIDE = /[^\0-\xff]/;

/**
 * The head of a request as it is written (RFC 9112 §3, §5), with the fields that belong to its connection; undefined: it holds something
 * that ends a line, or that is no byte. Names and values were read by a strict parser or made by us, so that this is a bug of ours; but
 * what it would let through is a request that nobody sent.
 */
export function requestText({ method, target, headers, body, upgrade }: UpstreamRequest): string | undefined {
  let lines = headers.length / 2 + 2;
  let text = requestHead(method, target, headers);
  if (body !== undefined && !(body instanceof Uint8Array) && body.length === undefined) {
    text += 'Transfer-Encoding: chunked\r\n';
    lines += 1;
  }
  if (upgrade !== undefined) {
    text += `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
    lines += 2;
  }
  text += '\r\n';
  // A wide character would be cut to its low byte, which may be any.
  return lineEnds(text) === lines && !WIDE.test(text) ? text : undefined;
}

function lineEnds(text: string): number {
  let n = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) n += 1;
  return n;
}
