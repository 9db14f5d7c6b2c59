import { type Document, type Node, type Pair, LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Issues, Path } from '../core/schema.ts';
import { printable } from '../core/schema/show.ts';
import type { Place } from './problem.ts';
import { type Environment, substitute } from './variables.ts';

/** Far above what is needed; aliases can make a small file unfold without end. */
const MAX_NODES = 50_000;
const MAX_DEPTH = 40;
/** What follows the first ones is mostly their consequence. */
const MAX_SYNTAX_ERRORS = 3;

/** What is wrong with the text itself, whatever it is meant to configure. */
export interface TextFault {
  readonly code: string;
  readonly message: string;
  readonly path: Path;
  readonly line: number;
  readonly column: number;
}

/** A file as plain values, with the way back to its lines. */
export interface YamlTree {
  /** Null, boolean, number, string, array, or object without prototype; undefined where there is nothing in the file. */
  readonly root: unknown;
  /** The text is not one YAML document: there is no sense in looking further. */
  readonly unreadable: boolean;
  readonly faults: readonly TextFault[];
  /** Where a key, or the value under it, stands; for what is not there the nearest thing above it. */
  place(path: Path, on: 'key' | 'value'): Omit<Place, 'file'>;
}

/** YAML 1.2, core schema. Places that are at fault are marked as broken in `issues`. */
export function readYaml(text: string, env: Environment, issues: Issues): YamlTree {
  const lines = new LineCounter();
  const at = (offset: number): Omit<Place, 'file'> => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Duplicate keys are found by the reader: the library compares every key with every other.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    version: '1.2',
    schema: 'core',
  });
  const all = [...document.errors, ...document.warnings];
  if (all.length > 0) {
    // Where the parser gave up, all that it says besides comes of that.
    const exhausted = all.filter((e) => e.code === 'RESOURCE_EXHAUSTION');
    const syntax = exhausted.length > 0 ? exhausted.slice(0, 1) : all;
    const bare = syntax.filter((e) => text.startsWith(`$\{`, e.pos[0] - 1));
    const faults =
      bare.length > 0
        ? bare.slice(0, 1).map((e) => ({ ...BARE_VARIABLE, path: [], ...at(e.pos[0] - 1) }))
        : syntax.slice(0, MAX_SYNTAX_ERRORS).map((e) => ({ ...syntaxFault(e.code, e.message), path: [], ...at(e.pos[0]) }));
    return { root: undefined, unreadable: true, faults, place: () => at(0) };
  }
  const reader = new Reader(env, issues);
  const root = document.contents === null ? undefined : reader.value(document.contents, [], 0);
  if (reader.overflowed) {
    const message = `unfolds to more than ${MAX_NODES} values`;
    return { root: undefined, unreadable: true, faults: [{ code: 'too_large', message, path: [], ...at(0) }], place: () => at(0) };
  }
  const faults = reader.faults.map(({ offset, ...fault }) => ({ ...fault, ...at(offset) }));
  return { root, unreadable: false, faults, place: (path, on) => at(reader.offset(document, path, on)) };
}

/** The one mistake that everybody makes: in a flow mapping a brace opens another one. */
const BARE_VARIABLE = { code: 'yaml_syntax', message: `inside { } and [ ] a value with \${…} must be in quotes` };

function syntaxFault(code: string, message: string): { readonly code: string; readonly message: string } {
  if (code === 'MULTIPLE_DOCS') return { code: 'several_documents', message: 'a second document begins here; a file holds one' };
  if (code === 'RESOURCE_EXHAUSTION') return { code: 'too_deep', message: 'nested too deep' };
  return { code: 'yaml_syntax', message: `not readable as YAML: ${printable(message)}` };
}

class Reader {
  readonly #env: Environment;
  readonly #issues: Issues;
  readonly #anchors = new Map<string, Node>();
  readonly #aliases = new Map<Node, Node>();
  readonly faults: Array<Omit<TextFault, 'line' | 'column'> & { readonly offset: number }> = [];
  /** The pair of a mapping that a key means: the first of duplicates. */
  readonly #pairs = new Map<Node, Map<string, Pair>>();
  #nodes = 0;

  constructor(env: Environment, issues: Issues) {
    this.#env = env;
    this.#issues = issues;
  }

  get overflowed(): boolean {
    return this.#nodes > MAX_NODES;
  }

  value(node: unknown, path: Path, depth: number): unknown {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) return null;
    if (depth === MAX_DEPTH) return this.#noValue(node, path, 'too_deep', `nested deeper than ${MAX_DEPTH} levels`);
    if (isAlias(node)) return this.#alias(node, path, depth);
    if (isMap(node) || isSeq(node) || isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    }
    if (isMap(node)) return this.#mapping(node, node.items, path, depth);
    if (isSeq(node)) return node.items.map((item, i) => this.value(item, [...path, i], depth + 1));
    if (!isScalar(node)) return null;
    return typeof node.value === 'string' ? this.#text(node, node.value, path) : node.value;
  }

  /** Offset in the text of what stands at a path. */
  offset(document: Document, path: Path, on: 'key' | 'value'): number {
    let node: unknown = document.contents;
    let found = start(node) ?? 0;
    let above = found;
    for (const [i, part] of path.entries()) {
      if (isAlias(node)) node = this.#aliases.get(node);
      const last = i === path.length - 1;
      if (isMap(node)) {
        const pair = this.#pairs.get(node)?.get(String(part));
        if (pair === undefined) return above;
        const key = start(pair.key);
        above = key ?? found;
        node = pair.value;
        // A key with nothing under it has no value to point at.
        const empty = node === null || (isScalar(node) && node.value === null && node.source === '');
        found = (last && on === 'key') || empty ? (key ?? found) : (start(node) ?? key ?? found);
      } else if (isSeq(node)) {
        node = node.items[Number(part)];
        found = start(node) ?? found;
        above = found;
      } else return found;
    }
    return found;
  }

  #alias(alias: Node & { readonly source: string }, path: Path, depth: number): unknown {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      return this.#noValue(alias, path, 'unknown_anchor', `*${printable(alias.source)} has no anchor before it`);
    }
    this.#aliases.set(alias, target);
    return this.value(target, path, depth + 1);
  }

  #mapping(node: Node, items: readonly unknown[], path: Path, depth: number): unknown {
    const value = Object.create(null) as Record<string, unknown>;
    const pairs = new Map<string, Pair>();
    this.#pairs.set(node, pairs);
    for (const item of items) {
      if (!isPair(item)) continue;
      const key = isScalar(item.key) ? String(item.key.value) : undefined;
      if (key === undefined) {
        this.#fault(item.key ?? node, path, 'malformed_key', 'has a key that is not a plain word');
      } else if (pairs.has(key)) {
        this.#fault(item.key, [...path, key], 'duplicate_key', 'stands here a second time');
      } else {
        pairs.set(key, item);
        value[key] = this.value(item.value, [...path, key], depth + 1);
      }
    }
    return value;
  }

  #text(node: Node, text: string, path: Path): unknown {
    if (!text.includes('${')) return text;
    const result = substitute(text, this.#env);
    if ('text' in result) return result.text;
    return this.#noValue(node, path, result.fault.code, result.fault.message);
  }

  #fault(node: unknown, path: Path, code: string, message: string): void {
    this.faults.push({ code, message, path, offset: start(node) ?? 0 });
  }

  /** A fault that leaves no value: what a schema would say of the place is not wanted. */
  #noValue(node: unknown, path: Path, code: string, message: string): null {
    this.#fault(node, path, code, message);
    this.#issues.broken(path);
    return null;
  }
}

function start(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;
}
