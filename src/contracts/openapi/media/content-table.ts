import type { ContentModel } from '../model.ts';
import type { Unit } from '../schema/unit.ts';
import { type Kind, type MediaType, isJson, kindOf, parseMediaType } from './media-type.ts';

/** One documented media type of a message. */
export interface Content {
  readonly model: ContentModel;
  readonly media: MediaType;
  /** Undefined: no schema. */
  readonly unit: Unit | undefined;
}

export type Found =
  | { readonly is: 'match'; readonly content: Content; readonly kind: Kind }
  /** No documented media type fits. */
  | { readonly is: 'mismatch' }
  /** Cannot be told: a parameter that would decide is missing. */
  | { readonly is: 'unclear' };

/** Media types come from traffic: the memory of them is bounded. */
const MAX_REMEMBERED = 200;
const MISMATCH: Found = Object.freeze({ is: 'mismatch' } as const);
const UNCLEAR: Found = Object.freeze({ is: 'unclear' } as const);

/** The `content` map of one message: which entry judges a body of a given Content-Type. */
export class ContentTable {
  readonly entries: readonly Content[];
  readonly #found = new Map<string, Found>();

  constructor(models: readonly ContentModel[], unitOf: (model: ContentModel) => Unit | undefined) {
    const entries: Content[] = [];
    for (const model of models) {
      const media = parseMediaType(model.mediaType);
      if (media !== undefined) entries.push({ model, media, unit: unitOf(model) });
    }
    this.entries = entries;
  }

  get empty(): boolean {
    return this.entries.length === 0;
  }

  get onlyJson(): boolean {
    return this.entries.every((e) => isJson(e.media));
  }

  /** The most specific entry that fits (3.0.4 §4.7.13.1: "the most specific key is applicable, e.g. text/plain overrides text/*"). */
  find(contentType: string): Found {
    const known = this.#found.get(contentType);
    if (known !== undefined) return known;
    const found = this.#search(contentType);
    if (this.#found.size < MAX_REMEMBERED && contentType.length < 200) this.#found.set(contentType, found);
    return found;
  }

  #search(contentType: string): Found {
    const actual = parseMediaType(contentType);
    if (actual === undefined || actual.type === '*' || actual.subtype === '*') return MISMATCH;
    let best: Content | undefined;
    let bestRank = 0;
    const unsure: Content[] = [];
    for (const entry of this.entries) {
      const rank = specificity(entry.media, actual);
      if (rank === 0) continue;
      const parameters = compareParameters(entry.media, actual);
      if (parameters === 'different') continue;
      if (parameters === 'missing') {
        unsure.push(entry);
        continue;
      }
      const total = rank * 100 + parameters;
      if (total > bestRank) {
        best = entry;
        bestRank = total;
      }
    }
    if (best === undefined && unsure.length === 1) best = unsure[0];
    if (best !== undefined) return { is: 'match', content: best, kind: kindOf(actual) };
    return unsure.length > 0 ? UNCLEAR : MISMATCH;
  }
}

/** Whether a media type is one of a range; a parameter that the range has and the type lacks is left open. */
export function rangeFits(range: MediaType, actual: MediaType): boolean {
  return specificity(range, actual) > 0 && compareParameters(range, actual) !== 'different';
}

/** 0: does not fit. Ranges, suffix ranges (`application/*+json`) and exact types, in rising order. */
function specificity(declared: MediaType, actual: MediaType): number {
  if (declared.type === '*') return declared.subtype === '*' ? 1 : 0;
  if (declared.type !== actual.type) return 0;
  if (declared.subtype === '*') return 2;
  if (declared.subtype.startsWith('*+')) return declared.suffix === actual.suffix ? 3 : 0;
  return declared.subtype === actual.subtype ? 4 : 0;
}

/**
 * How many declared parameters the actual type has. `charset` is never held against it: JSON has none (RFC 8259 §11), and
 * documents write one out of habit.
 */
function compareParameters(declared: MediaType, actual: MediaType): number | 'missing' | 'different' {
  let same = 0;
  let missing = false;
  for (const [name, value] of declared.parameters) {
    const other = actual.parameters.get(name);
    if (other !== undefined && other.toLowerCase() === value.toLowerCase()) same += 1;
    else if (name === 'charset') continue;
    else if (other === undefined) missing = true;
    else return 'different';
  }
  return missing ? 'missing' : same;
}
