import { RE2JS } from 're2js';
import { spend } from '../schema/budget.ts';
import { SchemaFault } from '../schema/fault.ts';
import type { Ast } from './ast.ts';
import { type Cost, costOf } from './cost.ts';
import { PatternError, parsePattern } from './parse.ts';
import { sizeOf } from './size.ts';
import { toRe2 } from './translate.ts';

/** Steps of the backtracking engine that a match may take at most: some ten milliseconds. */
const MAX_STEPS = 2_000_000;

/** Longer patterns, and programs for the linear engine that are larger, would take long to be made. */
const MAX_LENGTH = 20_000;
const MAX_SIZE = 10_000;

/** What matching costs in units of the judgement's budget: any match; steps of the backtracking engine for one; each character on the linear one. */
const UNITS_A_TEST = 10;
const NATIVE_STEPS = 10;
const LINEAR_UNITS = 3;
const LINEAR_STATES = 2;

/** What a document's `pattern` is worth. */
export type PatternVerdict =
  | { readonly is: 'fine' }
  /** Valid only without the Unicode flag; taken in that sense. */
  | { readonly is: 'legacy' }
  /** Neither provably harmless nor within reach of the linear engine. */
  | { readonly is: 'unjudged'; readonly why: string }
  | { readonly is: 'invalid'; readonly why: string };

/** A pattern as a validator uses it: safe on any string. */
export class Pattern {
  readonly source: string;
  readonly #native: RegExp;
  readonly #ast: Ast | undefined;
  readonly #cost: Cost | undefined;
  /** Strings up to this length go to the native engine; below 0: none. */
  readonly nativeUpTo: number;
  #linear: RE2JS | undefined;

  constructor(source: string, native: RegExp, ast: Ast | undefined, cost: Cost | undefined) {
    this.source = source;
    this.#native = native;
    this.#ast = ast;
    this.#cost = cost;
    this.nativeUpTo = limitOf(cost);
  }

  /** Throws SchemaFault where it costs more than is left of the budget. */
  test(text: string): boolean {
    const { length } = text;
    if (length <= this.nativeUpTo) {
      const { degree, factor } = this.#cost as Cost;
      spend(degree === 0 ? UNITS_A_TEST : UNITS_A_TEST + (factor * length ** degree) / NATIVE_STEPS);
      // What is valid only without the Unicode flag takes a character beyond the first 65,536 for two: then it is read again as if it had one.
      if (this.#native.test(text)) return true;
      if (this.#native.unicode || !SURROGATE.test(text)) return false;
    }
    this.#linear ??= linear(this.#ast);
    spend(length * (LINEAR_UNITS + this.#linear.programSize() / LINEAR_STATES));
    return this.#linear.test(text);
  }

  /** Ajv keeps one engine for each distinct result of this. */
  toString(): string {
    return `/${this.source}/`;
  }
}

const SURROGATE = /[\ud800-\udbff]/;

const compiled = new Map<string, Pattern | PatternVerdict>();
const MAX_KEPT = 5000;

/** The engine for a pattern. Throws SchemaFault where there is none that would be safe. */
export function patternOf(source: string): Pattern {
  const found = compile(source);
  if (found instanceof Pattern) return found;
  throw new SchemaFault('no_schema', `pattern ${shown(source)}: ${'why' in found ? found.why : 'not judged'}`);
}

export function checkPattern(source: string): PatternVerdict {
  const found = compile(source);
  if (!(found instanceof Pattern)) return found;
  return native(source)?.unicode === true ? { is: 'fine' } : { is: 'legacy' };
}

/** Whether a backtracking engine could take long for a string of less than 1,000 characters. */
export function needsLinearEngine(source: string): boolean {
  const found = compile(source);
  return found instanceof Pattern && found.nativeUpTo < 1000;
}

function compile(source: string): Pattern | PatternVerdict {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const made = make(source);
  if (compiled.size < MAX_KEPT) compiled.set(source, made);
  return made;
}

function make(source: string): Pattern | PatternVerdict {
  if (source.length > MAX_LENGTH) return { is: 'unjudged', why: `it has more than ${MAX_LENGTH} characters` };
  const regExp = native(source);
  if (regExp === undefined) return { is: 'invalid', why: 'not a regular expression of ECMA-262' };
  let ast: Ast;
  try {
    ast = parsePattern(source, regExp.unicode ? 'u' : '');
  } catch (error) {
    const why = error instanceof PatternError ? error.message : 'cannot be read';
    return { is: regExp.unicode ? 'unjudged' : 'invalid', why };
  }
  const cost = costOf(ast);
  if (limitOf(cost) < 1000) {
    try {
      linear(ast);
    } catch (error) {
      // Short strings could still be judged where there is a bound at all.
      if (cost === undefined) return { is: 'unjudged', why: error instanceof SchemaFault ? error.message : 'cannot be judged safely' };
    }
  }
  return new Pattern(source, regExp, ast, cost);
}

/** Unicode mode first (JSON Schema core §6.4); what is only valid without it is what older tools accept. */
function native(source: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags);
    } catch {
      // The next flags, or none.
    }
  }
  return undefined;
}

function limitOf(cost: Cost | undefined): number {
  if (cost === undefined) return -1;
  return cost.degree === 0 ? Infinity : Math.floor((MAX_STEPS / cost.factor) ** (1 / cost.degree));
}

function linear(ast: Ast | undefined): RE2JS {
  if (ast !== undefined && sizeOf(ast) > MAX_SIZE)
    throw new SchemaFault('no_schema', 'may take exponential time, and its size keeps it from the linear engine');
  try {
    if (ast !== undefined) return RE2JS.compile(toRe2(ast));
  } catch (error) {
    const why = error instanceof PatternError ? error.message : 'its size';
    throw new SchemaFault('no_schema', `may take exponential time, and ${why} keeps it from the linear engine`);
  }
  throw new SchemaFault('no_schema', 'cannot be judged safely');
}

function shown(source: string): string {
  return source.length > 100 ? `${source.slice(0, 100)}…` : source;
}
