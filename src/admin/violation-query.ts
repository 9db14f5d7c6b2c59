import type { ViolationQuery } from '../core/views.ts';
import { type WrongParameter, readLimit, readQuery } from './query.ts';

const KNOWN = ['api', 'operation', 'consumer', 'side', 'rule', 'limit', 'after'];

/** Reads the query of `/api/violations`. */
export function readViolationQuery(query: Readonly<Record<string, unknown>>): ViolationQuery | WrongParameter {
  const values = readQuery(query, KNOWN);
  if ('parameter' in values) return values;
  const side = values.get('side');
  if (side !== undefined && side !== 'request' && side !== 'response') return { parameter: 'side', detail: 'must be request or response' };
  const limit = readLimit(values);
  if (typeof limit !== 'number') return limit;
  return {
    api: values.get('api'),
    operation: values.get('operation'),
    consumer: values.get('consumer'),
    side,
    rule: values.get('rule'),
    limit,
    after: values.get('after'),
  };
}
