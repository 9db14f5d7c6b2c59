import { doubleQuoted, isLiteral, scalarText } from './scalars.ts';

/** How the neighbours are laid out, so that what is new looks like them. */
export interface BlockStyle {
  /** Columns from a mapping's keys to those of a mapping below. */
  readonly step: number;
  /** Columns from a key to the `-` of the sequence below it: 0 where they stand under each other. */
  readonly dash: number;
}

/** Lines of a mapping's entries or a sequence's items, in block style, none of them empty. @throws where `value` is an empty collection or none. */
export function blockLines(value: object, column: number, style: BlockStyle): string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => itemLines(item, column, style));
  return Object.entries(value).flatMap(([key, item]) => entryLines(key, item, column, style));
}

/** `key: value`, over as many lines as it takes. */
export function entryLines(key: string, value: unknown, column: number, style: BlockStyle): string[] {
  const head = `${' '.repeat(column)}${scalarText(key, 'plain')}:`;
  if (isFilled(value)) return [head, ...blockLines(value, column + (Array.isArray(value) ? style.dash : style.step), style)];
  return withScalar(head, value, column + style.step);
}

/** `- value`; a mapping begins on the line of the dash. */
export function itemLines(value: unknown, column: number, style: BlockStyle): string[] {
  const head = `${' '.repeat(column)}-`;
  if (!isFilled(value)) return withScalar(head, value, column + 2);
  const [first, ...rest] = blockLines(value, column + 2, style);
  return [`${head} ${(first as string).slice(column + 2)}`, ...rest];
}

function withScalar(head: string, value: unknown, column: number): string[] {
  const [first, ...rest] = (typeof value === 'string' && blockScalar(value, column)) || [flowText(value, FLOW_YAML)];
  return [`${head} ${first}`, ...rest];
}

/** A text of several lines as a literal, the first line being its header; undefined where it cannot be one. */
export function blockScalar(value: string, column: number): string[] | undefined {
  if (!isLiteral(value)) return undefined;
  const ends = value.endsWith('\n');
  const lines = (ends ? value.slice(0, -1) : value).split('\n');
  return [ends ? '|' : '|-', ...lines.map((line) => (line === '' ? '' : `${' '.repeat(column)}${line}`))];
}

export interface FlowStyle {
  /** `yaml`: words without quotes where they can be. */
  readonly language: 'yaml' | 'json';
  /** Between two entries on one line. */
  readonly comma: string;
  readonly colon: string;
  /** One level of indentation; undefined: everything on one line. */
  readonly unit: string | undefined;
}

export const FLOW_YAML: FlowStyle = { language: 'yaml', comma: ', ', colon: ': ', unit: undefined };

/** A value in flow style; its first line has no indentation, the others begin with `indent`. */
export function flowText(value: unknown, style: FlowStyle, indent = ''): string {
  if (typeof value !== 'object' || value === null) return flowScalar(value, style);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const below = style.unit === undefined ? '' : indent + style.unit;
  const parts = Array.isArray(value)
    ? value.map((item: unknown) => flowText(item, style, below))
    : Object.entries(value).map(([key, item]) => flowEntry(key, item, style, below));
  if (parts.length === 0) return open + close;
  if (style.unit === undefined) return `${open}${parts.join(style.comma)}${close}`;
  return `${open}\n${parts.map((part) => below + part).join(',\n')}\n${indent}${close}`;
}

export function flowEntry(key: string, value: unknown, style: FlowStyle, indent: string): string {
  return `${flowScalar(key, style)}${style.colon}${flowText(value, style, indent)}`;
}

function flowScalar(value: unknown, { language }: FlowStyle): string {
  if (language === 'yaml') return scalarText(value, 'plain');
  return typeof value === 'string' ? doubleQuoted(value) : JSON.stringify(value);
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
