import { type Change, type OpenText, type TextEdit, editText } from '../../inject/text/open-text.ts';
import { findLocated } from '../../inject/text/located.ts';
import { place } from '../../inject/pod.ts';
import type { Path } from '../../inject/edit.ts';

/** Of so many places in one document that cannot be written each is told; what comes then is not tried. */
const MAX_TRIES = 8;

/** What is to be done to one object of a document. */
export interface Wanted {
  readonly at: Path;
  readonly edits: readonly TextEdit[];
}

export interface Made<T extends Wanted> {
  readonly text: string;
  readonly made: readonly T[];
  readonly refused: readonly { readonly wanted: T; readonly reason: string }[];
}

/** Makes the changes that can be made; each is made as a whole or not at all. */
export function changeDocument<T extends Wanted>(document: OpenText, lines: Lines, all: readonly T[]): Made<T> {
  let left = [...all];
  const refused: { wanted: T; reason: string }[] = [];
  for (let tries = 0; left.length > 0; tries += 1) {
    const changes: Change[] = left.map(({ at, edits }) => ({ at, edits }));
    const result = editText(document, changes);
    if ('text' in result) return { text: result.text, made: left, refused };
    const { message, path, offset, change } = result.refused;
    const culprit = change === undefined || tries >= MAX_TRIES ? undefined : left[change];
    const where = `line ${lines.at(offset)} ${message}`;
    if (culprit === undefined) {
      refused.push(...left.map((wanted) => ({ wanted, reason: `the document cannot be changed: ${where}` })));
      break;
    }
    refused.push({ wanted: culprit, reason: `${place(path.slice(culprit.at.length)) || 'it'} cannot be changed: ${where}` });
    left = left.filter((one) => one !== culprit);
  }
  return { text: document.text, made: [], refused };
}

/** Lines of a text by their offsets, counted once. */
export class Lines {
  readonly #ends: number[] = [];
  readonly #first: number;

  /** `first`: number of the text's first line. */
  constructor(text: string, first: number) {
    this.#first = first;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#ends.push(at);
  }

  at(offset: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return this.#first + low;
  }

  /** Where an object of the document begins. */
  of({ root }: OpenText, at: Path): number {
    return this.at((findLocated(root, at) ?? root).start);
  }
}
