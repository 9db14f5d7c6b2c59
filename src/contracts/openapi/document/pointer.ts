/** One reference token of a JSON pointer (RFC 6901 §3). */
export function escapeToken(token: string): string {
  return token.includes('~') || token.includes('/') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token;
}

export function unescapeToken(token: string): string {
  return token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token;
}

export function child(pointer: string, token: string | number): string {
  return `${pointer}/${typeof token === 'number' ? token : escapeToken(token)}`;
}

/** The tokens of a pointer; undefined where it is none. */
export function tokens(pointer: string): string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return undefined;
  return pointer.slice(1).split('/').map(unescapeToken);
}

/** One step down: own members only, array indexes without leading zeros (RFC 6901 §4). */
export function step(value: unknown, token: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,9})$/.test(token) ? value[Number(token)] : undefined;
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, token)) return (value as Record<string, unknown>)[token];
  return undefined;
}

/** What stands at `pointer`; undefined where nothing does. */
export function lookUp(root: unknown, pointer: string): unknown {
  const path = tokens(pointer);
  if (path === undefined) return undefined;
  let value = root;
  for (const token of path) {
    value = step(value, token);
    if (value === undefined) return undefined;
  }
  return value;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member, whatever its name (`constructor`, `__proto__`). */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
