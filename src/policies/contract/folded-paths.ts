/** Stands for a segment that may be anybody's. */
const ANY = '{}';
/** A plain word, or a version: nothing that says which one of many is meant. */
const WORD = /^(?:[a-z][a-z_-]{0,31}|v\d{1,2})$/;
/** Children of one place that are told apart: where there are more, they are names of things. */
const MAX_CHILDREN = 20;
/** Words that are kept in all: a service that answers whatever is asked for has a hundred findings else, and no room for others at that place. */
const MAX_WORDS = 60;
/** Deeper than that nothing is told apart. */
export const MAX_DEPTH = 12;

/**
 * Turns what a contract does not know of paths into templates: what may be a value becomes `{}`. It learns: where many words stand at one place,
 * they are values too. Bounded, whatever the paths.
 */
export class FoldedPaths {
  /** Words by the place under which they stand; `many`: too many were seen. */
  readonly #children = new Map<string, Set<string> | 'many'>();
  #words = 0;

  /** `known`: the beginning that the contract knows, with its templates' words. `rest`: the segments behind it. Gives a path that begins with `/`. */
  fold(known: readonly string[], rest: readonly string[]): string {
    let place = known.map((segment) => `/${segment}`).join('');
    for (const [i, segment] of rest.entries()) {
      if (i === MAX_DEPTH) return `${place}/${ANY}`;
      place += `/${segment === '' ? '' : this.#child(place, segment)}`;
    }
    return place === '' ? '/' : place;
  }

  #child(place: string, segment: string): string {
    if (!WORD.test(segment)) return ANY;
    const known = this.#children.get(place);
    if (known === 'many') return ANY;
    if (known?.has(segment) === true) return segment;
    if (known !== undefined && known.size >= MAX_CHILDREN) {
      this.#children.set(place, 'many');
      return ANY;
    }
    if (this.#words >= MAX_WORDS) return ANY;
    this.#words += 1;
    if (known === undefined) this.#children.set(place, new Set([segment]));
    else known.add(segment);
    return segment;
  }
}
