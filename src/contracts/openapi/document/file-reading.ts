import type { FileReading, PlacedWanted, Position } from '../../../core/document-reading.ts';
import { type Syntax, parse } from './parse.ts';
import { locate, positionOf } from './position.ts';
import { writtenNumbers } from './written-numbers.ts';

/** Words whose presence anywhere in a file decides whether something must be looked for at all. */
const RARE = ['$id', 'nchor', '$schema', 'jsonSchemaDialect', 'readOnly', 'writeOnly', 'deprecated'] as const;
export type RareWord = (typeof RARE)[number];

/** What is known of a file when it has been read: plain data. */
export type FileContent =
  | {
      readonly is: 'parsed';
      readonly syntax: Syntax;
      readonly value: unknown;
      readonly words: readonly RareWord[];
      /** Numbers that decide and that reading has changed: pointer, and as it was written. */
      readonly written: ReadonlyArray<readonly [pointer: string, text: string]>;
    }
  | { readonly is: 'not_parsed'; readonly syntax: Syntax; readonly message: string; readonly position: Position }
  | { readonly is: 'not_utf8' };

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function contentOf(uri: string, bytes: Uint8Array): FileContent {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { is: 'not_utf8' };
  }
  const parsed = parse(uri, text);
  const { syntax } = parsed;
  if (!parsed.ok) return { is: 'not_parsed', syntax, message: parsed.message, position: positionOf(text, parsed.offset) };
  const { value } = parsed;
  const written = [...writtenNumbers(text, syntax, value)].map(([pointer, decimal]): [string, string] => [pointer, decimal.text]);
  return { is: 'parsed', syntax, value, words: RARE.filter((word) => text.includes(word)), written };
}

/** Of a file that has been read before. */
export function placesIn(bytes: Uint8Array, { syntax, pointers }: PlacedWanted): Position[] {
  return locate(utf8.decode(bytes), syntax as Syntax, pointers);
}

export const openApiReading: FileReading = { read: contentOf, place: placesIn };
