import type { Answer } from '../../core/stage.ts';
import { BODILESS, type StaticConfig } from './config.ts';

/** The configured answer, one for all exchanges. No cache is to take it for the real one, unless the configuration says how long it may. */
export function staticAnswer({ status, headers, body }: StaticConfig): Answer {
  const bytes = Buffer.from(body);
  const fields = Object.entries(headers).flat();
  if (!Object.keys(headers).some((name) => name.toLowerCase() === 'cache-control')) fields.push('Cache-Control', 'no-store');
  if (!BODILESS.has(status)) fields.push('Content-Length', String(bytes.byteLength));
  else if (status === 205) fields.push('Content-Length', '0'); // RFC 9110 §15.3.6
  fields.push('X-Plumbline-Fallback', 'static');
  return Object.freeze({
    origin: 'fallback',
    status,
    headers: Object.freeze(fields),
    body: bytes,
    unread: undefined,
    rejection: undefined,
  });
}
