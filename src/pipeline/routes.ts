import type { RequestHead } from '../core/exchange.ts';
import { headerValue } from '../core/headers.ts';
import type { CompiledRoute } from './compile.ts';

/** What a request must be like to take a route; all that is named must match. */
export interface RouteMatch {
  /** Prefix on whole segments: `/v1` takes `/v1` and `/v1/…`, not `/v1x`. */
  readonly path: string;
  /** Without port, in lower case. */
  readonly host: string | undefined;
  readonly methods: readonly string[] | undefined;
  /** Exact values, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RouteEntry {
  readonly match: RouteMatch;
  readonly route: CompiledRoute;
}

/** The longest path wins, then host, then headers, then methods; never the order in the file. */
function moreSpecific(a: RouteEntry, b: RouteEntry): number {
  return (
    b.match.path.length - a.match.path.length ||
    Number(b.match.host !== undefined) - Number(a.match.host !== undefined) ||
    Object.keys(b.match.headers).length - Object.keys(a.match.headers).length ||
    Number(b.match.methods !== undefined) - Number(a.match.methods !== undefined) ||
    (a.route.spec.name < b.route.spec.name ? -1 : 1)
  );
}

/** The host of a request without its port, in lower case; `[::1]:80` → `[::1]`. */
function hostOf(head: RequestHead): string {
  const host = (headerValue(head.headers, 'host') ?? '').toLowerCase();
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}

function matches({ path, host, methods, headers }: RouteMatch, head: RequestHead): boolean {
  if (path !== '/' && head.path !== path && !(head.path.startsWith(path) && (path.endsWith('/') || head.path[path.length] === '/')))
    return false;
  if (host !== undefined && host !== hostOf(head)) return false;
  if (methods !== undefined && !methods.includes(head.method)) return false;
  for (const name in headers) if (headerValue(head.headers, name) !== headers[name]) return false;
  return true;
}

/** The routes of one listener, most specific first. */
export class RouteTable {
  readonly #entries: readonly RouteEntry[];
  readonly #otherwise: CompiledRoute;

  constructor(entries: readonly RouteEntry[], otherwise: CompiledRoute) {
    this.#entries = [...entries].sort(moreSpecific);
    this.#otherwise = otherwise;
  }

  /** The route of requests that none takes: the same error model, identifiers, log and counters. */
  get otherwise(): CompiledRoute {
    return this.#otherwise;
  }

  find(head: RequestHead): CompiledRoute {
    for (const entry of this.#entries) if (matches(entry.match, head)) return entry.route;
    return this.#otherwise;
  }
}
