import { Decimal } from './decimal.ts';

const MAX_SHOWN = 100;
/** What would break a line or turn its direction, beside what JSON escapes. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * A scalar as one line of JSON, at most 100 characters of it. Undefined: an array or object, which would show fields that are not meant.
 * Only for those whom the operator lets see it.
 */
export function shownValue(value: unknown): string | undefined {
  if (value instanceof Decimal) return clip(value.text);
  if (value === undefined || (typeof value === 'object' && value !== null)) return undefined;
  const cut = typeof value === 'string' ? value.slice(0, MAX_SHOWN + 1) : value;
  return clip(JSON.stringify(cut).replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

function clip(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
