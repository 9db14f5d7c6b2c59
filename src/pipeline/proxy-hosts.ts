import type { RequestHead } from '../core/exchange.ts';
import { headerValue } from '../core/headers.ts';
import { hostAndPort, hostOf } from './host.ts';
import type { Routed, RouteEntry } from './routes.ts';

/**
 * Whom requests in absolute-form may ask for on an egress listener: what a client sends that was told to use it as its proxy (RFC 9112
 * §3.2.2). There the target says where to go: the host that a route names or, where it names none, the route's upstream, and nowhere else.
 */
export class ProxyHosts {
  readonly #named: ReadonlySet<string>;
  readonly #upstreams: ReadonlySet<string>;
  /** Of each route that names no host. */
  readonly #upstreamOf: ReadonlyMap<RouteEntry<Routed>, string>;

  constructor(entries: readonly RouteEntry<Routed>[]) {
    const upstreamOf = ({ route }: RouteEntry<Routed>): string => hostAndPort(route.spec.upstream.replace('http://', ''), 80);
    this.#named = new Set(entries.flatMap(({ match }) => (match.host === undefined ? [] : [hostOf(match.host)])));
    this.#upstreams = new Set(entries.map(upstreamOf));
    this.#upstreamOf = new Map(entries.filter(({ match }) => match.host === undefined).map((entry) => [entry, upstreamOf(entry)]));
  }

  /** No route of the listener leads to the host that is asked for. */
  denies(head: RequestHead): boolean {
    if (!isAbsolute(head)) return false;
    const authority = authorityOf(head);
    return !this.#named.has(hostOf(authority)) && !this.#upstreams.has(asked(head, authority));
  }

  /** The request says itself where it wants to go, and the route, which names no host, goes elsewhere. */
  leadsElsewhere(entry: RouteEntry<Routed>, head: RequestHead): boolean {
    if (!isAbsolute(head)) return false;
    const upstream = this.#upstreamOf.get(entry);
    return upstream !== undefined && upstream !== asked(head, authorityOf(head));
  }
}

function isAbsolute({ target }: RequestHead): boolean {
  return !target.startsWith('/') && target !== '*';
}

/** An absolute-form's authority is that of Host: it was refused where it is not. */
function authorityOf(head: RequestHead): string {
  return headerValue(head.headers, 'host') ?? '';
}

function asked({ target }: RequestHead, authority: string): string {
  return hostAndPort(authority, /^https:/i.test(target) ? 443 : 80);
}
