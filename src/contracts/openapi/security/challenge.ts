import type { SchemeModel, SchemeUse } from '../model.ts';

const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** What may stand in a scope (RFC 6749 §3.3): no quote and no backslash, so that none needs escaping. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** A realm is a quoted string (RFC 9110 §5.6.4); a header holds ASCII. */
export function realmOf(title: string): string {
  return title
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/["\\]/g, '')
    .slice(0, 100);
}

/**
 * What WWW-Authenticate asks for (RFC 9110 §11.6.1); undefined where nothing can be asked for. `fault`: what was wrong with the token (RFC 6750
 * §3.1), without which none is named: nothing is told to whoever sent nothing.
 */
export function challengeOf(uses: readonly SchemeUse[], realm: string, fault?: TokenFault): string | undefined {
  const challenges = new Set(uses.flatMap(({ scheme }) => challenge(scheme, realm, fault) ?? []));
  return challenges.size === 0 ? undefined : [...challenges].join(', ');
}

export type TokenFault = { readonly error: 'invalid_token' } | { readonly error: 'insufficient_scope'; readonly scopes: readonly string[] };

function challenge(scheme: SchemeModel, realm: string, fault: TokenFault | undefined): string | undefined {
  switch (scheme.type) {
    case 'apiKey':
      return 'ApiKey';
    case 'bearer':
      return bearer(realm, fault);
    case 'http':
      if (scheme.scheme === 'bearer') return bearer(realm, fault);
      if (scheme.scheme === 'basic') return `Basic realm="${realm}"`;
      return TOKEN.test(scheme.scheme) ? scheme.scheme.charAt(0).toUpperCase() + scheme.scheme.slice(1) : undefined;
    case 'unseen':
      return undefined;
  }
}

/** RFC 6750 §3: at least one parameter must follow the name. */
function bearer(realm: string, fault: TokenFault | undefined): string {
  const start = `Bearer realm="${realm}"`;
  if (fault === undefined) return start;
  const scopes = fault.error === 'insufficient_scope' ? fault.scopes.filter((scope) => SCOPE.test(scope)).join(' ') : '';
  return `${start}, error="${fault.error}"${scopes === '' ? '' : `, scope="${scopes.slice(0, 1000)}"`}`;
}
