import type { OutcomeQuery, Settlement } from '../core/views.ts';
import { type WrongParameter, readLimit, readQuery } from './query.ts';

const KNOWN = ['api', 'operation', 'consumer', 'state', 'limit', 'after'];

/** Reads the query of `/api/outcomes`. */
export function readOutcomeQuery(query: Readonly<Record<string, unknown>>): OutcomeQuery | WrongParameter {
  const values = readQuery(query, KNOWN);
  if ('parameter' in values) return values;
  const state = values.get('state');
  if (state !== undefined && state !== 'open' && state !== 'settled') return { parameter: 'state', detail: 'must be open or settled' };
  const limit = readLimit(values);
  if (typeof limit !== 'number') return limit;
  const [api, operation, consumer] = [values.get('api'), values.get('operation'), values.get('consumer')];
  return { api, operation, consumer, state, limit, after: values.get('after') };
}

/** Longest note, UTF-16 code units. */
export const MAX_NOTE = 1000;

const MEMBERS = ['as', 'note'];

/** Reads the body of `/api/outcomes/{id}/settle`: what its JSON was. */
export function readSettlement(body: unknown): Settlement | WrongParameter {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { parameter: 'body', detail: 'must be a JSON object like {"as":"executed","note":"…"}' };
  }
  const unknown = Object.keys(body).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) return { parameter: unknown, detail: `unknown member; known are ${MEMBERS.join(', ')}` };
  const { as, note = '' } = body as { readonly as?: unknown; readonly note?: unknown };
  if (as !== 'executed' && as !== 'not_executed') return { parameter: 'as', detail: 'must be executed or not_executed' };
  if (typeof note !== 'string' || note.length > MAX_NOTE)
    return { parameter: 'note', detail: `must be a text of at most ${MAX_NOTE} characters` };
  return { as, note };
}
