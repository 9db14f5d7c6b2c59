import type { Contract, Match } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import type { RequestHead } from '../../core/exchange.ts';
import { DocumentedPaths, type Known } from './documented-paths.ts';
import type { FoldedPaths } from './folded-paths.ts';
import { isPlainName } from './plain-names.ts';

/** Methods that are told apart: beside those of the contract the ones of RFC 9110 §9.3, RFC 5789 and QUERY. Any token can be sent for one. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY']);

/**
 * What servers answer of themselves: HEAD wherever there is GET (RFC 9110 §9.3.2), OPTIONS about themselves (§9.3.7). Neither shows that somebody
 * has built something there.
 */
const NOBODYS: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS']);

/** Names longer than that are made up by whoever calls. */
const MAX_EVENT = 128;

/** Paths, methods and webhooks of one route that its contract does not know, as drift: nothing of it is a value. */
export class UnknownRoutes {
  readonly #contract: Contract;
  readonly #folded: FoldedPaths;
  readonly #methods: ReadonlySet<string>;
  #documented: DocumentedPaths | undefined;

  /** `folded`: what all routes of the API have learned. */
  constructor(contract: Contract, folded: FoldedPaths) {
    this.#contract = contract;
    this.#folded = folded;
    this.#methods = new Set([...METHODS, ...contract.operations.map(({ method }) => method)]);
  }

  /** Of a request that the service took. `path`: as the contract was asked for it. Undefined: there is nothing to tell. */
  drift({ method, headers }: Pick<RequestHead, 'method' | 'headers'>, path: string, match: Match): Drift | undefined {
    if (!('miss' in match)) return undefined;
    if (match.miss === 'webhook') return unknownWebhook(match.named);
    if (NOBODYS.has(method)) return undefined;
    const verb = this.#methods.has(method) ? method : '_OTHER';
    if (this.#contract.pathsOf === undefined) return drift('undocumented_method', '/webhooks', verb);
    this.#documented ??= new DocumentedPaths(this.#contract);
    if (match.miss === 'path' && this.#isSpelling(this.#documented, method, path, headers)) return undefined;
    const segments = path.split('/').slice(1);
    const known = this.#documented.longest(segments);
    const name = `${verb} ${this.#fold(known, segments)}`;
    if (match.miss === 'method') return drift('undocumented_method', known.specPointer ?? '/paths', name);
    return drift('undocumented_endpoint', '/paths', name);
  }

  #fold({ segments: known }: Known, segments: readonly string[]): string {
    return this.#folded.fold(known, segments.slice(known.length));
  }

  /**
   * A documented path with slashes too many, in another case, or with parameters behind a semicolon (RFC 3986 §3.3; servers of Java put a session there):
   * servers that take it for the same have no endpoint more.
   */
  #isSpelling(documented: DocumentedPaths, method: string, path: string, headers: RequestHead['headers']): boolean {
    const plain = path
      .replaceAll(/;[^/]*/g, '')
      .replaceAll(/\/{2,}/g, '/')
      .replace(/(?<=.)\/$/, '');
    const meant = documented.longest(plain.split('/').slice(1)).path;
    return meant !== undefined && meant !== path && 'operation' in this.#contract.match(method, meant, headers);
  }
}

/** `named`: what the message calls it, where it says so. */
export function unknownWebhook(named: string | undefined): Drift {
  const isName = named !== undefined && named.length <= MAX_EVENT && named.split('/').every(isPlainName);
  return drift('undocumented_webhook', '/webhooks', isName ? named : '{}');
}

function drift(kind: Drift['kind'], specPointer: string, name: string): Drift {
  return { kind, side: 'request', location: 'route', pointer: '', specPointer, name, types: [], formats: [] };
}
