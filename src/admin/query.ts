export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

/** A parameter, or a member of a body, that is not understood, and why. */
export interface WrongParameter {
  readonly parameter: string;
  readonly detail: string;
}

/**
 * The parameters of a query, of which `known` may be given, once each. Everything that is not understood is refused: a filter that is left out would
 * show too much.
 */
export function readQuery(
  query: Readonly<Record<string, unknown>>,
  known: readonly string[],
): ReadonlyMap<string, string> | WrongParameter {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(query)) {
    if (!known.includes(name)) return { parameter: name, detail: `unknown parameter; known are ${known.join(', ')}` };
    if (typeof value !== 'string') return { parameter: name, detail: 'may be given once' };
    values.set(name, value);
  }
  return values;
}

/** `limit` of a list. */
export function readLimit(values: ReadonlyMap<string, string>): number | WrongParameter {
  const limit = values.get('limit') ?? String(DEFAULT_LIMIT);
  if (/^[1-9]\d{0,3}$/.test(limit) && Number(limit) <= MAX_LIMIT) return Number(limit);
  return { parameter: 'limit', detail: `must be a whole number from 1 to ${MAX_LIMIT}` };
}
