import { Decimal } from '../schema/decimal.ts';
import type { FileContent, RareWord } from './file-reading.ts';
import type { Syntax } from './parse.ts';

/** One file of a contract: the value that it parses to and, until `release`, its bytes. */
export class SourceFile {
  readonly uri: string;
  readonly syntax: Syntax;
  readonly value: unknown;
  /** Empty once the contract is loaded: a large document is not kept twice. */
  bytes: Uint8Array;
  /** Numbers that decide and that reading has changed, by pointer, as they were written. */
  readonly written: ReadonlyMap<string, Decimal>;
  readonly #words: ReadonlySet<string>;

  constructor(uri: string, bytes: Uint8Array, content: FileContent & { readonly is: 'parsed' }) {
    this.uri = uri;
    this.bytes = bytes;
    this.syntax = content.syntax;
    this.value = content.value;
    this.written = new Map(content.written.map(([pointer, text]) => [pointer, Decimal.of(text) as Decimal]));
    this.#words = new Set(content.words);
  }

  /** Whether the text says this anywhere, as a key or not. */
  mentions(word: RareWord): boolean {
    return this.#words.has(word);
  }

  release(): void {
    this.bytes = new Uint8Array(0);
  }
}
