import type { Issues } from '../core/schema.ts';
import type { Configuration } from './schema.ts';

type Route = Configuration['routes'][number];

interface Asked {
  readonly index: number;
  readonly name: string;
  readonly methods: ReadonlySet<string> | undefined;
  readonly headers: ReadonlyMap<string, string>;
}

/** Routes that some request cannot be told apart by: what decides between routes is the same for both. */
export function checkMatches(routes: readonly Route[], issues: Issues): void {
  const rivals = new Map<string, Asked[]>();
  for (const [index, route] of routes.entries()) {
    if (issues.touches(['routes', index, 'match']) || issues.touches(['routes', index, 'listener'])) continue;
    const asked = askedOf(route, index);
    const key = JSON.stringify([
      route.listener,
      route.match.path,
      route.match.host ?? null,
      asked.headers.size,
      // Between two media types the request decides.
      route.match.mediaType ?? null,
      asked.methods?.size ?? null,
    ]);
    const before = rivals.get(key) ?? [];
    for (const other of before) if (report(other, asked, issues)) break;
    rivals.set(key, [...before, asked]);
  }
}

function askedOf({ name, match }: Route, index: number): Asked {
  const headers = new Map(Object.entries(match.headers).map(([field, value]) => [field.toLowerCase(), value]));
  return { index, name, methods: match.methods && new Set(match.methods), headers };
}

/** Both have the same path, host and media type, and as many headers and methods. One report a route is enough. */
function report(a: Asked, b: Asked, issues: Issues): boolean {
  const at = ['routes', b.index, 'match'];
  const other = `routes[${a.index}] (${a.name})`;
  const shared = a.methods === undefined || b.methods === undefined ? undefined : [...a.methods.intersection(b.methods)];
  if (shared?.length === 0 || excludeEachOther(a.headers, b.headers)) return false;
  const sameHeaders = [...a.headers.keys()].every((field) => b.headers.has(field));
  if (sameHeaders && (shared === undefined || shared.length === a.methods?.size)) {
    issues.error(at, { code: 'same_match', message: `${b.name} matches exactly what ${other} matches` });
  } else if (sameHeaders) {
    issues.error(at, { code: 'overlapping_match', message: `${b.name} and ${other} both match ${(shared ?? []).join(', ')}` });
  } else {
    const fields = [...new Set([...a.headers.keys(), ...b.headers.keys()])].join(' and ');
    const [winner] = [a.name, b.name].sort();
    const message = `${b.name} and ${other} both match a request that has ${fields}; it goes to ${winner}`;
    issues.warn(at, { code: 'overlapping_match', message });
  }
  return true;
}

/** No request can have both: one field with two values. */
function excludeEachOther(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return [...a].some(([field, value]) => b.has(field) && b.get(field) !== value);
}
