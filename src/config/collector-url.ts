import { type Fault, type Schema, checked, mapped, string } from '../core/schema.ts';
import { printable, show } from '../core/schema/show.ts';

/** What a base address must not end in: it is added when spans are sent. */
const SIGNAL_PATH = /\/v1\/traces\/?$/;

/** The base address of an OTLP/HTTP receiver: `http` or `https`, host, port, and a path if it has one. Read without a slash at its end. */
export function collectorUrl(): Schema<string> {
  return mapped(checked(string({ type: 'URL', maxLength: 2048 }), fault), (text) => text.replace(/\/+$/, ''));
}

function fault(text: string): Fault | undefined {
  const found = show(text.replace(/\/\/[^/@]*@/, '//***@'));
  const malformed = (message: string, suggestion?: string): Fault => ({
    code: 'malformed',
    message: `${found} ${message}`,
    found,
    ...(suggestion !== undefined && { suggestion }),
  });
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return malformed('is not a URL like http://127.0.0.1:4318');
  if (scheme !== 'http' && scheme !== 'https') {
    const message = `${printable(scheme)}:// is not possible; possible: http://, https:// (OTLP over HTTP)`;
    return { code: 'not_allowed', message, found, allowed: ['http', 'https'] };
  }
  if (!URL.canParse(text) || /[\s\\]/.test(text)) return malformed('is not a URL like http://127.0.0.1:4318');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || text.includes('@')) return malformed('has credentials');
  if (text.includes('?')) return malformed('has a query');
  if (text.includes('#')) return malformed('has a fragment');
  if (url.port === '0') return malformed('has port 0');
  if (SIGNAL_PATH.test(text)) return malformed('names the path of the spans; the base address stands here', text.replace(SIGNAL_PATH, ''));
  return undefined;
}
