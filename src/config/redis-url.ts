import { type Fault, type Schema, checked, string } from '../core/schema.ts';
import { printable } from '../core/schema/show.ts';

const LIKE = 'is not a URL like redis://127.0.0.1:6379';

/** Where a Redis is: `redis[s]://[user][:password]@host[:port][/db]`. It may hold a password, and no message repeats that. */
export function redisUrl(): Schema<string> {
  return checked(string({ type: 'URL', maxLength: 2048, secret: true }), fault);
}

/** For people: without user and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/.*@/s, '//***@');
}

function fault(text: string): Fault | undefined {
  // Where the URL is wrong nobody knows which part of it is the password: `redis://:s3cr3t.host` has no @ at all.
  const malformed = (message: string): Fault => ({ code: 'malformed', message });
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return malformed(LIKE);
  if (scheme !== 'redis' && scheme !== 'rediss') {
    const message = `${printable(scheme)}:// is not possible; possible: redis://, rediss:// (TLS)`;
    return { code: 'not_allowed', message, allowed: ['redis', 'rediss'] };
  }
  if (!URL.canParse(text) || /[\s\\]/.test(text)) return malformed(text.includes('@') ? `${LIKE}; ${ENCODE}` : `${LIKE}; ${WHERE}`);
  const url = new URL(text);
  if (url.hostname === '') return malformed('has no host');
  if (url.port === '0') return malformed('has port 0');
  if (text.includes('?')) return malformed(text.includes('@') ? `has a query; ${ENCODE}` : `has a query; ${WHERE}`);
  if (text.includes('#')) return malformed(text.includes('@') ? `has a fragment; ${ENCODE}` : 'has a fragment');
  if (!isEncoded(url.username) || !isEncoded(url.password)) return malformed(`has a % that begins no character; ${ENCODE}`);
  if (url.username !== '' && url.password === '') return malformed(`has a user without a password; ${WHERE}`);
  if (!/^\/?\d{0,5}$/.test(url.pathname)) return malformed('has a path; the number of a database can stand there, like /1');
  return undefined;
}

const WHERE = 'a password stands before the host, after a colon: redis://:password@host';
const ENCODE = 'in a password / ? # @ and % are written %2F %3F %23 %40 %25';

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
