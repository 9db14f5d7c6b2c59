import type { ViolationQuery } from '../core/views.ts';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

const KNOWN: ReadonlySet<string> = new Set(['api', 'operation', 'consumer', 'side', 'rule', 'limit', 'after']);

/** A parameter that is not understood, and why. */
export interface WrongParameter {
  readonly parameter: string;
  readonly detail: string;
}

/** Reads the query of `/api/violations`. Everything that is not understood is refused: a filter that is left out would show too much. */
export function readViolationQuery(query: Readonly<Record<string, unknown>>): ViolationQuery | WrongParameter {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(query)) {
    if (!KNOWN.has(name)) return { parameter: name, detail: `unknown parameter; known are ${[...KNOWN].join(', ')}` };
    if (typeof value !== 'string') return { parameter: name, detail: 'may be given once' };
    values.set(name, value);
  }
  const side = values.get('side');
  if (side !== undefined && side !== 'request' && side !== 'response') return { parameter: 'side', detail: 'must be request or response' };
  const limit = values.get('limit') ?? String(DEFAULT_LIMIT);
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > MAX_LIMIT) {
    return { parameter: 'limit', detail: `must be a whole number from 1 to ${MAX_LIMIT}` };
  }
  return {
    api: values.get('api'),
    operation: values.get('operation'),
    consumer: values.get('consumer'),
    side,
    rule: values.get('rule'),
    limit: Number(limit),
    after: values.get('after'),
  };
}
