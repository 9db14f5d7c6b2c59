import { type Fault, type Schema, checked, string } from '../../../core/schema.ts';
import { printable, show } from '../../../core/schema/show.ts';

const LIKE = 'is not a URL like https://issuer.example/.well-known/jwks.json';

/**
 * Where keys are fetched: `https://`, or `http://` on loopback only, as whoever can change what is fetched can sign tokens. It must not hold
 * credentials: it is shown.
 */
export function jwksUrl(): Schema<string> {
  return checked(string({ type: 'URL', maxLength: 2048 }), fault);
}

function fault(text: string): Fault | undefined {
  const found = show(text.replace(/\/\/.*@/s, '//***@'));
  const malformed = (message: string): Fault => ({ code: 'malformed', message: `${found} ${message}`, found });
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !URL.canParse(text) || /[\s\\]/.test(text)) return malformed(LIKE);
  const url = new URL(text);
  const loopback = isLoopback(url.hostname);
  if (scheme !== 'https' && !(scheme === 'http' && loopback)) {
    const message =
      scheme === 'http'
        ? 'http:// is possible on loopback only: whoever can change what is fetched can sign tokens; possible: https://'
        : `${printable(scheme)}:// is not possible; possible: https://`;
    return { code: 'not_allowed', message, found, allowed: ['https'] };
  }
  if (url.username !== '' || url.password !== '' || text.includes('@')) return malformed('has credentials');
  if (text.includes('#')) return malformed('has a fragment');
  if (url.port === '0') return malformed('has port 0');
  return undefined;
}

/** Of a URL's host, which is in its normal form: `127.1` is `127.0.0.1`. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
