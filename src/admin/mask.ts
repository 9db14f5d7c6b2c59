const MASK = '***';
const SECRET_KEY = /token|passw(?:or)?d|secret|credential/i;
/** User information of a URL (RFC 3986 §3.2.1), up to the last @ of the authority. */
const USERINFO = /:\/\/[^\s/?#]*@/g;
/** Deeper than any configuration can be. */
const MAX_DEPTH = 32;

/**
 * A copy with everything masked that stands under a key such as token, password or secret, and with the user information of every
 * URL masked. The view masks already what it knows to be secret; this is for what it does not know. What is empty stays
 * visible as such: that no token is set is no secret.
 */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(USERINFO, `://${MASK}@`);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return MASK;
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, SECRET_KEY.test(key) && !isEmpty(item) ? MASK : maskSecrets(item, depth + 1)]),
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === false;
}
