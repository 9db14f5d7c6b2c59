import { ParsedBody } from '../../../core/parsed-body.ts';
import { type Candidate, candidates, exactly, listOf } from '../parameters/coerce.ts';
import { mixtures } from '../parameters/value-schema.ts';
import { ARRAY, SCALAR } from '../schema/shape.ts';
import type { PartForm, PartPlan } from './part-plan.ts';

/** What came of one part's bytes. */
export type PartValue =
  | { readonly is: 'json'; readonly value: unknown; readonly written: string }
  | { readonly is: 'text'; readonly text: string }
  /** Any text stands for it. */
  | { readonly is: 'file' }
  | { readonly is: 'malformed' }
  | { readonly is: 'unclear' };

export const FILE: PartValue = { is: 'file' };
export const UNCLEAR: PartValue = { is: 'unclear' };

export function partValue(form: PartForm, bytes: Uint8Array, plan: PartPlan): PartValue {
  if (form === 'file') return FILE;
  if (form === 'unclear' || (form === 'ascii' && bytes.some((byte) => byte > 0x7f))) return UNCLEAR;
  const body = new ParsedBody([bytes], bytes.byteLength);
  const text = body.text();
  if (form === 'json') {
    const parsed = body.json();
    return parsed.ok && text !== null ? { is: 'json', value: parsed.value, written: text } : { is: 'malformed' };
  }
  if (text === null) return UNCLEAR;
  // Text where only an object or list could stand: senders that say nothing of JSON mean it.
  const parsed = ((plan.types | plan.itemTypes) & SCALAR) === 0 ? body.json() : undefined;
  return parsed?.ok === true ? { is: 'json', value: parsed.value, written: text } : { is: 'text', text };
}

/** What the parts of one name may stand for; `all`: nothing else. */
export interface PartReadings {
  readonly readings: readonly Candidate[];
  readonly all: boolean;
}

/** Parts of one name: a value, or a list of such (3.2.0 §4.14.5.1: "multiple values with the same name MUST be collapsed into an array value"). */
export function readParts(parts: readonly PartValue[], plan: PartPlan): PartReadings {
  const readings: Candidate[] = [];
  let all = true;
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && (plan.types & ~ARRAY) !== 0) readings.push(...readPart(first, plan.types & ~ARRAY));
  if (parts.length > 1 || (plan.types & ARRAY) !== 0) {
    const mixed = mixtures(parts.map((part) => readPart(part, plan.itemTypes)));
    all = mixed.all;
    readings.push(...mixed.tuples.map(listOf));
  }
  // Until 3.2 it was open whether a list of JSON values is one part or several.
  if (parts.length === 1 && first?.is === 'json' && Array.isArray(first.value) && (plan.types & ARRAY) !== 0)
    readings.push({ value: first.value, written: first.written });
  return { readings, all };
}

/** The most telling one first, text last. */
export function readPart(part: PartValue, types: number): readonly Candidate[] {
  if (part.is === 'json') return [{ value: part.value, written: part.written }];
  if (part.is !== 'text') return [exactly('')];
  const found = candidates(part.text, types);
  return found.length === 0 ? [exactly(part.text)] : found;
}

/** How large the values are as text. */
export function bytesOf(parts: readonly PartValue[]): number {
  return parts.reduce((sum, part) => sum + (part.is === 'json' ? part.written.length : part.is === 'text' ? part.text.length : 0), 0);
}
