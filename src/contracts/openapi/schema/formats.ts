import type { Format } from 'ajv';
import { Decimal } from './decimal.ts';
import type { Dialect } from './keywords.ts';
import { isInRange, RANGES, rangeCheck } from './number-formats.ts';
import { NOT_IN_30, TEXT_FORMATS } from './text-formats.ts';

/** Longer strings are not looked at: no format that people assert needs them, and every checker then has a bound. */
const MAX_LENGTH = 16_384;

/**
 * The formats that are asserted: of text those of JSON Schema 2020-12, of numbers the sizes of whole numbers in the registry of OpenAPI. A format
 * that stands in no list is an annotation, and so are all where the setting says so.
 */
export class Formats {
  /** As Ajv takes them; empty where formats are annotations. */
  readonly forAjv: Readonly<Record<string, Format>>;
  readonly #texts = new Map<string, (text: string) => boolean>();
  readonly #numbers = new Map<string, (n: number) => boolean>();

  constructor(setting: 'assert' | 'annotate', dialect: Dialect) {
    const forAjv: Record<string, Format> = {};
    for (const [name, check] of setting === 'assert' ? TEXT_FORMATS : []) {
      if (dialect === '3.0' && NOT_IN_30.has(name)) continue;
      const bounded = (text: string): boolean => text.length > MAX_LENGTH || check(text);
      forAjv[name] = bounded;
      this.#texts.set(name, bounded);
    }
    for (const [name, range] of setting === 'assert' ? RANGES : []) {
      const check = rangeCheck(range);
      forAjv[name] = { type: 'number', validate: check };
      this.#numbers.set(name, check);
    }
    this.forAjv = forAjv;
  }

  /** `written`: numbers are there as they were written, else as they have been read. Throws DOUBTFUL. */
  accepts(name: string, value: unknown, written: boolean): boolean {
    if (typeof value === 'string') return this.#texts.get(name)?.(value) ?? true;
    if (typeof value === 'number' && !written) return this.#numbers.get(name)?.(value) ?? true;
    if (typeof value !== 'number' && !(value instanceof Decimal)) return true;
    const range = this.#numbers.has(name) ? RANGES.get(name) : undefined;
    return range === undefined || isInRange(range, value);
  }
}
