import type { Location, Side } from '../../../core/contract.ts';
import type { Drift, DriftKind } from '../../../core/drift.ts';
import type { RawHeaders } from '../../../core/headers.ts';
import { escapeToken } from '../document/pointer.ts';
import { formDecode } from '../parameters/decode.ts';
import { toldName } from './looks-like.ts';
import { isSpelling, withoutBrackets } from './spelling.ts';
import { isWellKnownField } from './well-known-fields.ts';

export const NO_DRIFT: readonly Drift[] = Object.freeze([]);

/** What is told of one head. */
const MAX_FOUND = 20;
/** Names come from traffic: what is remembered of them is bounded. */
const MAX_REMEMBERED = 200;
const MAX_NAME = 64;
/** Pairs of a query that are looked at. */
const MAX_PAIRS = 500;

/** What names stand under that the document does not know. */
export interface Names {
  readonly side: Side;
  readonly location: Location;
  readonly specPointer: string;
}

/** Names that the document knows at other places, and the place that knows of none of the others. */
export interface Elsewhere {
  readonly names: ReadonlySet<string>;
  readonly specPointer: string;
}

/** Reports on names, made once for each. */
class Strangers {
  readonly #kind: DriftKind;
  readonly #of: Names;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #told = new Map<string, Drift>();

  constructor(kind: DriftKind, of: Names, elsewhere?: Elsewhere) {
    this.#kind = kind;
    this.#of = of;
    this.#elsewhere = elsewhere;
  }

  of(name: string): Drift {
    const told = toldName(name);
    const known = this.#told.get(told);
    if (known !== undefined) return known;
    const specPointer = this.#elsewhere?.names.has(name) === false ? this.#elsewhere.specPointer : this.#of.specPointer;
    const pointer = `/${escapeToken(told)}`;
    const drift: Drift = { kind: this.#kind, ...this.#of, specPointer, pointer, name: told, types: [], formats: [] };
    if (this.#told.size < MAX_REMEMBERED) this.#told.set(told, drift);
    return drift;
  }
}

/** What was found before, and this; each once. */
function added(drift: Drift, before: Drift[] | undefined): Drift[] {
  if (before === undefined) return [drift];
  if (before.length < MAX_FOUND && !before.includes(drift)) before.push(drift);
  return before;
}

/**
 * Fields of an answer, where the document names some at that place. One that the document names nowhere is the same finding in all operations: services add
 * such fields to whatever they answer.
 */
export class FieldNames {
  readonly #declared: ReadonlySet<string>;
  readonly #strangers: Strangers;
  /** By name as it is sent: null where there is nothing to tell. */
  readonly #known = new Map<string, Drift | null>();

  /** `declared`: in lower case. */
  constructor(declared: ReadonlySet<string>, of: Names, elsewhere: Elsewhere) {
    this.#declared = declared;
    this.#strangers = new Strangers('undocumented_header', of, elsewhere);
  }

  find(headers: RawHeaders): readonly Drift[] | undefined {
    let all: Drift[] | undefined;
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      const known = this.#known.get(name);
      const drift = known === undefined ? this.#decide(name) : known;
      if (drift !== null) all = added(drift, all);
    }
    return all;
  }

  #decide(name: string): Drift | null {
    const lower = name.toLowerCase();
    const drift = this.#declared.has(lower) || isWellKnownField(lower) ? null : this.#strangers.of(lower);
    if (this.#known.size < MAX_REMEMBERED && name.length <= MAX_NAME) this.#known.set(name, drift);
    return drift;
  }
}

/**
 * What clients put into any query, whatever the service: against caches (`_` of jQuery, or a number alone), and for whom advertises (Google Analytics, Google Ads, Meta, Microsoft
 * Advertising).
 */
const TRACKING = /^(?:_|\d+|utm_[a-z]+|gclid|gbraid|wbraid|fbclid|msclkid)$/;

/** Names in a query. */
export class QueryNames {
  readonly #declared: ReadonlySet<string>;
  readonly #strangers: Strangers;

  constructor(declared: ReadonlySet<string>, of: Names) {
    this.#declared = declared;
    this.#strangers = new Strangers('undocumented_parameter', of);
  }

  find(query: string): readonly Drift[] | undefined {
    let all: Drift[] | undefined;
    let from = 0;
    for (let pairs = 0; from < query.length && pairs < MAX_PAIRS; pairs++) {
      const amp = query.indexOf('&', from);
      const end = amp < 0 ? query.length : amp;
      const equals = query.indexOf('=', from);
      const name = query.slice(from, equals < 0 || equals > end ? end : equals);
      from = end + 1;
      if (name === '' || this.#declared.has(name)) continue;
      const decoded = formDecode(name);
      if (decoded === undefined || TRACKING.test(decoded) || isSpelling(decoded, this.#declared)) continue;
      all = added(this.#strangers.of(withoutBrackets(decoded)), all);
    }
    return all;
  }
}
