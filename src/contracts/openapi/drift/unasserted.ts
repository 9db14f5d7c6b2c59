import type { Formats as Asserted } from '../schema/formats.ts';
import type { Dialect } from '../schema/keywords.ts';
import { NOT_IN_30, TEXT_FORMATS } from '../schema/text-formats.ts';

type Fits = (text: string) => boolean;

/** Longer texts are not looked at. */
const MAX_LENGTH = 16_384;

/**
 * Formats of the registry of OpenAPI that no validator asserts, with what a text in them cannot be without: what these let pass may be wrong, what
 * they refuse is. `base64url`: RFC 4648 §5, `char`: one character, `idn-email`: RFC 6531 §3.3, `iri`: RFC 3987 §2.2.
 */
const LOOSE: ReadonlyMap<string, Fits> = new Map<string, Fits>([
  ['base64url', (text) => /^[A-Za-z0-9_-]*={0,2}$/.test(text)],
  ['char', (text) => text.length <= 8 && [...text].length === 1],
  ['idn-email', (text) => /^[^\s@]+@[^\s@]+$/.test(text) || text.includes('"')],
  ['iri', (text) => /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/.test(text)],
]);

/** Which formats are looked at here since the validator does not. */
export class Formats {
  readonly #asserted: Asserted;
  readonly #dialect: Dialect;

  constructor(asserted: Asserted, dialect: Dialect) {
    this.#asserted = asserted;
    this.#dialect = dialect;
  }

  /** Undefined: asserted, or not known well enough to be certain. */
  unasserted(name: string): Fits | undefined {
    if (Object.hasOwn(this.#asserted.forAjv, name)) return undefined;
    if (this.#dialect === '3.0' && NOT_IN_30.has(name)) return undefined;
    const check = TEXT_FORMATS.get(name) ?? LOOSE.get(name);
    return check && ((text) => text.length > MAX_LENGTH || check(text));
  }
}
