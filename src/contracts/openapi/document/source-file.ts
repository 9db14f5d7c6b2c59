import type { Decimal } from '../schema/decimal.ts';
import { type Parsed, parse, type Syntax } from './parse.ts';
import { writtenNumbers } from './written-numbers.ts';

/** Words whose presence anywhere in a file decides whether something must be looked for at all. */
const RARE = ['$id', 'nchor', '$schema', 'jsonSchemaDialect', 'readOnly', 'writeOnly', 'deprecated'] as const;
export type RareWord = (typeof RARE)[number];

/** One file of a contract: the value that it parses to and, until `release`, its text and bytes. */
export class SourceFile {
  readonly uri: string;
  readonly syntax: Syntax;
  readonly value: unknown;
  readonly parsed: Parsed;
  /** Empty once the contract is loaded: a large document is not kept twice. */
  text: string;
  bytes: Uint8Array;
  /** Numbers that decide and that reading has changed, by pointer, as they were written. */
  readonly written: ReadonlyMap<string, Decimal>;
  readonly #words: ReadonlySet<string>;

  constructor(uri: string, bytes: Uint8Array, text: string) {
    this.uri = uri;
    this.bytes = bytes;
    this.text = text;
    this.parsed = parse(uri, text);
    this.syntax = this.parsed.syntax;
    this.value = this.parsed.ok ? this.parsed.value : undefined;
    this.written = this.parsed.ok ? writtenNumbers(text, this.syntax, this.value) : new Map();
    this.#words = new Set(RARE.filter((word) => text.includes(word)));
  }

  /** Whether the text says this anywhere, as a key or not. */
  mentions(word: RareWord): boolean {
    return this.#words.has(word);
  }

  release(): void {
    this.text = '';
    this.bytes = new Uint8Array(0);
  }
}
