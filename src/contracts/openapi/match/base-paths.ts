import type { Server } from '../model.ts';

/** Expanded URLs of one server: what its variables' lists multiply to. */
const MAX_EXPANDED = 200;

/** A variable that may have any value becomes a parameter of the path with this prefix, which no document can declare. */
export const SERVER_PARAMETER = '\0';

/** The path parts of servers, without trailing slash, no two alike: `''` for a server at the root. */
export function basePaths(servers: readonly Server[]): string[] {
  const found = new Set<string>();
  for (const server of servers) for (const url of expand(server)) found.add(pathOf(url));
  return [...found];
}

/** A configured base path in the same form. */
export function cleanBasePath(path: string): string {
  const slashed = path.startsWith('/') ? path : `/${path}`;
  return slashed.replace(/\/+$/, '');
}

function expand(server: Server): string[] {
  let urls = [server.url];
  for (const [name, variable] of server.variables) {
    const token = `{${name}}`;
    if (!server.url.includes(token)) continue;
    const any = [`{${SERVER_PARAMETER}${name.replaceAll('/', '_')}}`];
    // Too many to be written out: any text will do, rather than that some of them are not known.
    const { values = any } = urls.length * (variable.values?.length ?? 1) > MAX_EXPANDED ? {} : variable;
    urls = urls.flatMap((url) => values.map((value) => url.replaceAll(token, value)));
  }
  return urls;
}

/** The path of an absolute URL, of one without scheme or of a relative reference, taken as relative to the root. */
function pathOf(url: string): string {
  const withoutSuffix = url.replace(/[?#].*$/, '');
  const path = withoutSuffix.replace(/^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/]*/, '');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.map((part) => `/${part}`).join('');
}
