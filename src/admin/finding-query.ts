import { DRIFT_KINDS, type DriftKind } from '../core/drift.ts';
import type { FindingItem, FindingQuery } from '../core/views.ts';
import { type WrongParameter, readLimit, readQuery } from './query.ts';

const KNOWN = ['api', 'kind', 'state', 'operation', 'consumer', 'limit', 'after'];
const STATES: readonly FindingItem['state'][] = ['new', 'acknowledged', 'resolved'];

/** Reads the query of `/api/findings`. */
export function readFindingQuery(query: Readonly<Record<string, unknown>>): FindingQuery | WrongParameter {
  const values = readQuery(query, KNOWN);
  if ('parameter' in values) return values;
  const kind = values.get('kind');
  if (!isOneOf(kind, DRIFT_KINDS)) return { parameter: 'kind', detail: `must be one of ${DRIFT_KINDS.join(', ')}` };
  const state = values.get('state');
  if (!isOneOf(state, STATES)) return { parameter: 'state', detail: `must be one of ${STATES.join(', ')}` };
  const limit = readLimit(values);
  if (typeof limit !== 'number') return limit;
  const [api, operation, consumer] = [values.get('api'), values.get('operation'), values.get('consumer')];
  return { api, kind, state, operation, consumer, limit, after: values.get('after') };
}

function isOneOf<Word extends DriftKind | FindingItem['state']>(
  word: string | undefined,
  words: readonly Word[],
): word is Word | undefined {
  return word === undefined || (words as readonly string[]).includes(word);
}

/** Longest note, UTF-16 code units. */
export const MAX_NOTE = 500;

/** Reads the body of `/api/findings/{id}/acknowledge`: what its JSON was. A note may be left out; not the body, as a page of any origin can post none. */
export function readNote(body: unknown): { readonly note: string } | WrongParameter {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { parameter: 'body', detail: 'must be a JSON object like {"note":"…"}' };
  const unknown = Object.keys(body).find((name) => name !== 'note');
  if (unknown !== undefined) return { parameter: unknown, detail: 'unknown member; there is only note' };
  const { note = '' } = body as { readonly note?: unknown };
  if (typeof note !== 'string' || note.length > MAX_NOTE)
    return { parameter: 'note', detail: `must be a text of at most ${MAX_NOTE} characters` };
  return { note };
}
