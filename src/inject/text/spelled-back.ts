import { isFilled } from './draft.ts';
import { doubleQuoted, scalarText } from './scalars.ts';
import type { Located, LocatedScalar } from './located.ts';
import type { OpenText } from './open-text.ts';
import { Page } from './page.ts';

/**
 * How a scalar, or an alias in its place, is written that is about to be replaced, where it would be written otherwise when its value is put back in the place of `value`; undefined
 * where that gives the same bytes.
 */
export function spellingToKeep({ text, language }: OpenText, at: Located, value: unknown): string | undefined {
  if (at.kind === 'alias') return text.slice(at.start, at.end);
  if (at.kind !== 'scalar' || at.form === 'block') return undefined;
  // Lines stand below the key that had nothing, if they can, and nothing is left there when they go.
  if (at.form === 'empty') return isFilled(value) && new Page(text).endsLine(at.end) ? undefined : '';
  const source = text.slice(at.start, at.end);
  return source === (language === 'json' ? backInJson(at) : backInYaml(at, value)) ? undefined : source;
}

function backInJson({ value }: LocatedScalar): string {
  return typeof value === 'string' ? doubleQuoted(value) : JSON.stringify(value);
}

/** In the quotes of what stands there in the meantime. */
function backInYaml({ form, value: before }: LocatedScalar, value: unknown): string {
  const quotes = form === 'single' || form === 'double' ? form : 'plain';
  const [first] = typeof value === 'object' ? '' : scalarText(value, quotes);
  return scalarText(before, first === "'" ? 'single' : first === '"' ? 'double' : 'plain');
}
