import { type Location, MAX_VIOLATIONS, type Outcome } from '../../core/contract.ts';

/** What `ignore` names beside paths: `header:X-Legacy`, `query:utm_source`, `cookie:…`, `path:…`. */
export const IGNORED_NAME = /^(header|query|cookie|path):(\S(?:.*\S)?)$/;

/** Headers and parameters of which nothing is a finding, whatever the contract says of them (CP-2). */
export class Ignored {
  /** `query utm_source`; header names in lower case (RFC 9110 §5.1). */
  readonly #names: ReadonlySet<string>;

  constructor(entries: readonly string[]) {
    const names = entries.map((entry) => IGNORED_NAME.exec(entry)).filter((found) => found !== null);
    this.#names = new Set(names.map(([, place = '', name = '']) => keyOf(place, name)));
  }

  /** A verdict on a head without what is said of them. What else could not be judged is not called right for that. */
  without(outcome: Outcome): Outcome {
    if (this.#names.size === 0 || outcome.is !== 'invalid') return outcome;
    const violations = outcome.violations.filter((violation) => !this.covers(violation));
    if (violations.length === outcome.violations.length) return outcome;
    if (violations.length > 0) return { ...outcome, violations };
    const { skipped } = outcome;
    if (skipped !== undefined) return { is: 'skipped', reason: skipped };
    return outcome.violations.length < MAX_VIOLATIONS ? VALID_BUT_IGNORED : UNLISTED;
  }

  /** What is said of one of them. `pointer`: begins with the name. */
  covers({ location, pointer }: { readonly location: Location; readonly pointer: string }): boolean {
    if (this.#names.size === 0) return false;
    const end = pointer.indexOf('/', 1);
    const token = pointer.slice(1, end < 0 ? undefined : end);
    return this.#names.has(keyOf(location, token.replaceAll('~1', '/').replaceAll('~0', '~')));
  }
}

/** Right, as far as anybody wants to know: whoever refuses it may do so for what is ignored. */
export const VALID_BUT_IGNORED: Outcome = Object.freeze({ is: 'valid' });

/** A full list: there may have been others behind those that are ignored. */
const UNLISTED: Outcome = Object.freeze({ is: 'skipped', reason: 'too_large' } as const);

function keyOf(place: string, name: string): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}
