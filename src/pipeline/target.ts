import type { RequestHead } from '../core/exchange.ts';
import type { Rejection } from '../core/rejection.ts';
import type { Rewriting } from './compile.ts';
import { comparablePath, normalPath, pathFault } from './path.ts';

/** A request target taken apart: what routes and contracts look at, and what the upstream gets. */
export interface SplitTarget {
  /** As received, or with the path in its normal form. */
  readonly target: string;
  /** Raw; `/` for an absolute-form without one. */
  readonly path: string;
  /** Raw, without `?`; empty where there is none. */
  readonly query: string;
}

/** What becomes of paths that can be read in more than one way (`hygiene.paths`, semantics HY-2). */
export type PathMode = 'reject' | 'normalise';

const SLASH = 0x2f;
const QUESTION = 0x3f;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

/** Made once for a configuration. */
export function targetSplitter(mode: PathMode): (target: string) => SplitTarget | Rejection {
  return (target) => {
    const from = target.charCodeAt(0) === SLASH ? 0 : authorityEnd(target);
    if (from < 0) return { target, path: target, query: '' };
    let doubtful = false;
    let at = from;
    let c = target.charCodeAt(at);
    for (let before = 0; at < target.length && c !== QUESTION; c = target.charCodeAt(++at)) {
      if (c === PERCENT || c === BACKSLASH || (c === DOT && before === SLASH)) doubtful = true;
      before = c;
    }
    const path = at === from ? '/' : at === target.length && from === 0 ? target : target.slice(from, at);
    const query = at < target.length ? target.slice(at + 1) : '';
    if (!doubtful) return { target, path, query };
    const plain = mode === 'reject' ? (pathFault(path) ?? path) : normalPath(path);
    if (typeof plain !== 'string') return plain;
    return { target: plain === path ? target : target.slice(0, from) + plain + target.slice(at), path: plain, query };
  };
}

/** Where the path of an absolute-form begins (RFC 9112 §3.2.2); −1: the target is of another form. */
function authorityEnd(target: string): number {
  const scheme = target.indexOf('://');
  if (scheme < 1) return -1;
  const end = target.slice(scheme + 3).search(/[/?]/);
  return end < 0 ? target.length : scheme + 3 + end;
}

/** The request's target in origin-form (RFC 9112 §3.2.1), or `*`, without the route's prefix; the query stays as it is. */
export function upstreamTarget(request: RequestHead, rewriting: Rewriting): string {
  const { target } = request;
  const path = upstreamPath(request.path, rewriting.stripPrefix);
  if (target.charCodeAt(0) === SLASH) {
    if (path === request.path) return target;
  } else if (target === '*' || (request.method === 'OPTIONS' && authorityEnd(target) === target.length)) {
    return '*'; // §3.2.4: OPTIONS of a URL without a path asks about the server as a whole
  }
  return target.includes('?') ? `${path}?${request.query}` : path;
}

/** The path without the route's prefix, which goes by whole segments: `/dns` is not taken off `/dnsx`. */
export function upstreamPath(path: string, stripPrefix: string): string {
  if (stripPrefix === '' || stripPrefix === '/') return path;
  if (path.startsWith(stripPrefix)) {
    if (path.length === stripPrefix.length) return '/';
    if (path.charCodeAt(stripPrefix.length) === SLASH) return path.slice(stripPrefix.length);
  }
  if (!path.includes('%')) return path;
  const end = segmentsEnd(path, stripPrefix.split('/').length - 1);
  return comparablePath(path.slice(0, end)) === comparablePath(stripPrefix) ? path.slice(end) || '/' : path;
}

/** Where the first `count` segments of a path end. */
function segmentsEnd(path: string, count: number): number {
  let end = 0;
  for (let i = 0; i < count; i++) {
    end = path.indexOf('/', end + 1);
    if (end < 0) return path.length;
  }
  return end;
}
