import type { RequestHead } from '../core/exchange.ts';
import { headerList, headerValue } from '../core/headers.ts';
import { type Rejection, rejection } from '../core/rejection.ts';
import { AskedTypes, type RouteMediaType, routeMediaType } from './asked-types.ts';
import type { RouteSpec } from '../core/policy.ts';
import type { CompiledRoute } from './compile.ts';
import { hostOf } from './host.ts';
import { comparablePath } from './path.ts';
import { ProxyHosts } from './proxy-hosts.ts';

/** What a request must be like to take a route; all that is named must match. */
export interface RouteMatch {
  /** Prefix on whole segments: `/v1` takes `/v1` and `/v1/…`, not `/v1x`. Without a slash at its end; `/` takes everything. */
  readonly path: string;
  /** Without port, in lower case. */
  readonly host: string | undefined;
  readonly methods: readonly string[] | undefined;
  /** Exact values, by lower-case name. A field that stands more than once has all its values, joined by `, ` (RFC 9110 §5.3). */
  readonly headers: Readonly<Record<string, string>>;
  /** Of its body, or one that it accepts: `type/subtype;name=value`, in lower case. Undefined: any. */
  readonly mediaType: string | undefined;
}

/** What requests are led to: what of it decides is its name and where it is. */
export interface Routed {
  readonly spec: RouteSpec;
}

export interface RouteEntry<R extends Routed = CompiledRoute> {
  readonly match: RouteMatch;
  readonly route: R;
}

/** An entry as requests are compared with it. */
interface Candidate<R extends Routed> {
  readonly entry: RouteEntry<R>;
  readonly path: string;
  readonly host: string | undefined;
  readonly methods: readonly string[] | undefined;
  readonly headers: ReadonlyArray<readonly [lower: string, value: string]>;
  readonly mediaType: RouteMediaType | undefined;
}

/**
 * The longest path wins, then host, then headers (more of them), then a media type, then methods (fewer of them); never the order in the file.
 * Between several media types the request decides.
 */
function moreSpecific(a: Candidate<Routed>, b: Candidate<Routed>): number {
  return (
    beforeMediaType(a, b) ||
    Number(b.mediaType !== undefined) - Number(a.mediaType !== undefined) ||
    methodCount(a) - methodCount(b) ||
    (a.entry.route.spec.name < b.entry.route.spec.name ? -1 : 1)
  );
}

function beforeMediaType(a: Candidate<Routed>, b: Candidate<Routed>): number {
  return (
    b.path.length - a.path.length || Number(b.host !== undefined) - Number(a.host !== undefined) || b.headers.length - a.headers.length
  );
}

function methodCount({ methods }: Candidate<Routed>): number {
  return methods?.length ?? Number.MAX_SAFE_INTEGER;
}

/** Candidates that begin with one segment, most specific first. */
interface Bucket<R extends Routed> {
  /** Those that any host may take. */
  readonly open: readonly Candidate<R>[];
  /** By host that some of them name: those and the open ones. Undefined: none names one. */
  readonly byHost: ReadonlyMap<string, readonly Candidate<R>[]> | undefined;
}

const HOST_DENIED = Object.freeze(rejection('HOST_DENIED', 'no route of this listener leads to the host of the target'));

/**
 * The routes of one listener. A table with one route for everything looks at nothing; others go by the first segment, then by host, so that
 * a request is compared with few.
 */
export class RouteTable<R extends Routed = CompiledRoute> {
  /** The route of requests that none takes: the same error model, identifiers, log and counters. */
  readonly otherwise: R;
  readonly #only: R | undefined;
  readonly #bySegment = new Map<string, Bucket<R>>();
  readonly #root: Bucket<R> | undefined;
  /** Of an egress listener: what absolute-form requests may ask for. */
  readonly #proxyHosts: ProxyHosts | undefined;

  constructor(entries: readonly RouteEntry<R>[], otherwise: R) {
    this.otherwise = otherwise;
    this.#proxyHosts = otherwise.spec.direction === 'egress' ? new ProxyHosts(entries) : undefined;
    const candidates = entries.map((entry) => candidateOf(entry)).sort(moreSpecific);
    const [first] = candidates;
    this.#only = first !== undefined && this.#proxyHosts === undefined && takesAll(first) ? first.entry.route : undefined;
    for (const [segment, group] of Map.groupBy(candidates, ({ path }) => firstSegment(path))) {
      if (segment !== '') this.#bySegment.set(segment, bucketOf(group));
    }
    const root = candidates.filter(({ path }) => path === '/');
    this.#root = root.length === 0 ? undefined : bucketOf(root);
  }

  /** What makes a request one that this listener never passes on, whatever its path (HY-6); undefined: nothing. */
  refusal(head: RequestHead): Rejection | undefined {
    return this.#proxyHosts?.denies(head) === true ? HOST_DENIED : undefined;
  }

  find(head: RequestHead): R {
    if (this.#only !== undefined) return this.#only;
    const path = comparablePath(head.path);
    const bucket = this.#bySegment.size === 0 ? undefined : this.#bySegment.get(firstSegment(path));
    const found = (bucket && this.#first(bucket, path, head)) ?? (this.#root && this.#first(this.#root, path, head));
    return found ?? this.otherwise;
  }

  #first({ open, byHost }: Bucket<R>, path: string, head: RequestHead): R | undefined {
    const candidates = byHost === undefined ? open : (byHost.get(hostOf(headerValue(head.headers, 'host') ?? '')) ?? open);
    let asked: AskedTypes | undefined;
    let best: Candidate<R> | undefined;
    let bestRank = 0;
    for (const candidate of candidates) {
      const { entry, mediaType } = candidate;
      // Only those that come to the same but for the media type are weighed against each other.
      if (best !== undefined && (mediaType === undefined || beforeMediaType(best, candidate) !== 0)) break;
      if (!matches(candidate, path, head) || this.#proxyHosts?.leadsElsewhere(entry, head) === true) continue;
      if (mediaType === undefined) return entry.route;
      asked ??= new AskedTypes(head.headers);
      const rank = asked.rank(mediaType);
      if (rank <= bestRank) continue;
      best = candidate;
      bestRank = rank;
    }
    return best?.entry.route;
  }
}

function candidateOf<R extends Routed>(entry: RouteEntry<R>): Candidate<R> {
  const { path, host, methods, headers, mediaType } = entry.match;
  return {
    entry,
    path: comparablePath(path),
    host: host === undefined ? undefined : hostOf(host),
    methods: methods && [...new Set(methods)],
    headers: Object.entries(headers),
    mediaType: mediaType === undefined ? undefined : routeMediaType(mediaType),
  };
}

function takesAll({ path, host, methods, headers, mediaType }: Candidate<Routed>): boolean {
  return path === '/' && host === undefined && methods === undefined && headers.length === 0 && mediaType === undefined;
}

/** Empty for `/` and for what is no path. */
function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return end < 0 ? path.slice(1) : path.slice(1, end);
}

/** `group`: most specific first. */
function bucketOf<R extends Routed>(group: readonly Candidate<R>[]): Bucket<R> {
  const open = group.filter(({ host }) => host === undefined);
  const hosts = new Set(group.map(({ host }) => host).filter((host) => host !== undefined));
  if (hosts.size === 0) return { open, byHost: undefined };
  const of = (wanted: string): readonly Candidate<R>[] => group.filter(({ host }) => host === undefined || host === wanted);
  return { open, byHost: new Map(Array.from(hosts, (host) => [host, of(host)])) };
}

/** All but the host, by which candidates were chosen, and the media type. */
function matches({ path, methods, headers }: Candidate<Routed>, asked: string, head: RequestHead): boolean {
  if (path !== '/' && !(asked.startsWith(path) && (asked.length === path.length || asked[path.length] === '/'))) return false;
  if (methods !== undefined && !methods.includes(head.method)) return false;
  for (const [name, value] of headers) if (headerList(head.headers, name) !== value) return false;
  return true;
}
