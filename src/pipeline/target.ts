import type { RequestHead } from '../core/exchange.ts';
import type { Rewriting } from './compile.ts';

/** The request's target in origin-form (RFC 9112 §3.2.1), or `*`, without the route's prefix; the query stays as it is. */
export function upstreamTarget(request: RequestHead, rewriting: Rewriting): string {
  if (request.target === '*') return '*';
  const { stripPrefix } = rewriting;
  let path = request.path;
  if (stripPrefix !== '' && path.startsWith(stripPrefix)) {
    const rest = path.slice(stripPrefix.length);
    if (rest === '') path = '/';
    else if (rest.startsWith('/')) path = rest; // whole segments: `/dns` is not taken off `/dnsx`
  }
  if (path === request.path && request.target.startsWith('/')) return request.target;
  return request.target.includes('?') ? `${path}?${request.query}` : path;
}

/** Path and query of a target as received; an absolute-form's authority is not looked at here. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  let rest = target;
  if (!target.startsWith('/')) {
    const authority = target.indexOf('://');
    if (authority > 0) {
      const slash = target.slice(authority + 3).search(/[/?]/);
      rest = slash < 0 ? '/' : target.slice(authority + 3 + slash);
      if (rest.startsWith('?')) rest = `/${rest}`;
    }
  }
  const mark = rest.indexOf('?');
  return mark < 0 ? { path: rest, query: '' } : { path: rest.slice(0, mark), query: rest.slice(mark + 1) };
}
