import type { ContractRequest } from '../../core/contract.ts';
import { headerValue, headerValues } from '../../core/headers.ts';
import type { Findings } from './judging.ts';
import type { SchemeModel, SchemeUse, SecurityModel } from './model.ts';
import { cookieValue, eachPair, formDecode } from './parameters/decode.ts';

const BASIC = /^basic +[A-Za-z0-9+/_-]+=*$/i;
/** `DPoP` (RFC 9449 §7.1) is how a bound access token is sent. */
const BEARER = /^(bearer|dpop) +[A-Za-z0-9._~+/-]+=*$/i;

/** Which credentials an operation asks for: presence and form alone are judged, never whether they are good. */
export class Security {
  readonly #model: SecurityModel;
  /** What WWW-Authenticate would say (RFC 9110 §11.6.1); undefined where nothing can be asked for. */
  readonly challenge: string | undefined;
  /** API keys that travel in the query. */
  readonly queryKeys: ReadonlySet<string>;
  readonly #detail: string;

  /** Undefined where an alternative asks for nothing that could be seen. */
  static of(model: SecurityModel | undefined, title: string): Security | undefined {
    if (model === undefined || model.alternatives.length === 0) return undefined;
    if (model.alternatives.some((uses) => uses.every(({ scheme }) => scheme.type === 'unseen'))) return undefined;
    return new Security(model, title);
  }

  private constructor(model: SecurityModel, title: string) {
    this.#model = model;
    const uses = model.alternatives.flat();
    this.queryKeys = new Set(uses.flatMap(({ scheme }) => (scheme.type === 'apiKey' && scheme.in === 'query' ? [scheme.key] : [])));
    const challenges = new Set(uses.flatMap(({ scheme }) => challengeOf(scheme, title) ?? []));
    this.challenge = challenges.size === 0 ? undefined : [...challenges].join(', ');
    const names = model.alternatives.map((all) => all.map(({ name }) => name).join(' and '));
    this.#detail = `needs credentials: ${names.join(', or ')}`.slice(0, 300);
  }

  check(request: ContractRequest, findings: Findings): void {
    if (!this.#model.alternatives.some((uses) => hasAll(uses, request)))
      findings.add('credentials', 'security', '', this.#model.place, this.#detail);
  }
}

/** Request fields that carry an API key, in lower case; those of an alternative that may be left out too. */
export function keyFieldsOf(model: SecurityModel | undefined): readonly string[] {
  const uses = model?.alternatives.flat() ?? [];
  return [...new Set(uses.flatMap(({ scheme }) => (scheme.type === 'apiKey' && scheme.in === 'header' ? [scheme.key.toLowerCase()] : [])))];
}

function hasAll(uses: readonly SchemeUse[], request: ContractRequest): boolean {
  for (const { scheme } of uses) if (!has(scheme, request)) return false;
  return true;
}

function has(scheme: SchemeModel, request: ContractRequest): boolean {
  switch (scheme.type) {
    case 'apiKey':
      if (scheme.in === 'header') return (headerValue(request.headers, scheme.key.toLowerCase()) ?? '') !== '';
      if (scheme.in === 'query') return hasInQuery(request.query, scheme.key);
      return (cookieValue(headerValues(request.headers, 'cookie'), scheme.key) ?? '') !== '';
    case 'http':
      return hasAuthorization(request, scheme.scheme);
    case 'bearer':
      // An access token may travel in the query too (RFC 6750 §2.3).
      return matches(request, BEARER) || hasInQuery(request.query, 'access_token');
    case 'unseen':
      return true;
  }
}

function hasAuthorization(request: ContractRequest, scheme: string): boolean {
  if (scheme === 'basic') return matches(request, BASIC);
  if (scheme === 'bearer') return matches(request, BEARER);
  const value = headerValue(request.headers, 'authorization') ?? '';
  return value.toLowerCase().startsWith(`${scheme} `);
}

function matches(request: ContractRequest, form: RegExp): boolean {
  return form.test(headerValue(request.headers, 'authorization') ?? '');
}

function hasInQuery(query: string, key: string): boolean {
  let found = false;
  if (query !== '')
    eachPair(query, (name, value) => {
      if (value !== '' && formDecode(name) === key) found = true;
    });
  return found;
}

function challengeOf(scheme: SchemeModel, title: string): string | undefined {
  switch (scheme.type) {
    case 'apiKey':
      return 'ApiKey';
    case 'bearer':
      return 'Bearer';
    case 'http': {
      // A realm is a quoted string (RFC 9110 §5.6.4); a header holds ASCII.
      const realm = title
        .replace(/[^\x20-\x7e]/g, '')
        .replace(/["\\]/g, '')
        .slice(0, 100);
      if (scheme.scheme === 'basic') return `Basic realm="${realm}"`;
      return /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(scheme.scheme) ? scheme.scheme.charAt(0).toUpperCase() + scheme.scheme.slice(1) : undefined;
    }
    case 'unseen':
      return undefined;
  }
}
