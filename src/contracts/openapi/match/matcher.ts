import type { Match, Operation, RawParams } from '../../../core/contract.ts';
import { SERVER_PARAMETER } from './base-paths.ts';
import { type Segment, comparePrecedence, matchSegment, segmentsOf } from './template.ts';

/** Longer paths match nothing: no template is that long. */
const MAX_SEGMENTS = 256;
const NO_PARAMS: RawParams = new Map();
const MISS: Match = Object.freeze({ miss: 'path' } as const);

/** An operation under the template that names its parameters. */
interface Entry {
  readonly operation: Operation;
  readonly segments: readonly Segment[];
}

/** All operations of templates of one shape, at one base path. */
interface Target {
  /** Of the first of them: their literals are the same. */
  readonly segments: readonly Segment[];
  readonly methods: Map<string, Entry>;
  /** Lower wins. */
  rank: number;
}

interface TrieNode {
  readonly literals: Map<string, TrieNode>;
  readonly patterns: Array<{ readonly segment: Segment; readonly node: TrieNode }>;
  target: Target | undefined;
}

/**
 * Finds the operation of a request by method and raw path: `%2F` separates nothing, a trailing slash counts, a parameter has one
 * character at least. A concrete path wins over any template and decides alone; among templates the one with more literals.
 */
export class Matcher {
  /** Templates without parameters, by their decoded segments. */
  readonly #concrete = new Map<string, Target>();
  readonly #root = trieNode();
  readonly #templated: Target[] = [];

  /** `template` begins with `/`. A second operation for the same method and shape is left out: then it gives the first. */
  add(template: string, method: string, operation: Operation): Operation | undefined {
    const segments = segmentsOf(template);
    const target = segments.every((s) => s.names.length === 0) ? this.#concreteTarget(segments) : this.#templatedTarget(segments);
    const first = target.methods.get(method);
    if (first === undefined) target.methods.set(method, { operation, segments });
    return first?.operation;
  }

  /** Call once, after the last `add`: settles which template wins. */
  seal(): void {
    this.#templated.sort((a, b) => comparePrecedence(a.segments, b.segments));
    this.#templated.forEach((target, i) => {
      target.rank = i;
    });
  }

  match(method: string, path: string): Match {
    const segments = path.split('/');
    if (segments[0] !== '' || segments.length < 2 || segments.length > MAX_SEGMENTS) return MISS;
    const decoded = path.includes('%') ? segments.map(decodeSegment) : segments;
    const concrete = this.#concrete.get(keyOf(decoded));
    if (concrete !== undefined) return decide(method, [concrete], segments);
    const found: Target[] = [];
    collect(this.#root, segments, decoded, 1, found);
    if (found.length === 0) return MISS;
    if (found.length > 1) found.sort((a, b) => a.rank - b.rank);
    return decide(method, found, segments);
  }

  #concreteTarget(segments: readonly Segment[]): Target {
    const key = keyOf(['', ...segments.map((s) => decodeSegment(s.literals[0] as string))]);
    const known = this.#concrete.get(key);
    if (known !== undefined) return known;
    const target = makeTarget(segments);
    this.#concrete.set(key, target);
    return target;
  }

  #templatedTarget(segments: readonly Segment[]): Target {
    let node = this.#root;
    for (const segment of segments) node = segment.names.length === 0 ? literalChild(node, segment) : patternChild(node, segment);
    if (node.target !== undefined) return node.target;
    const target = makeTarget(segments);
    node.target = target;
    this.#templated.push(target);
    return target;
  }
}

function makeTarget(segments: readonly Segment[]): Target {
  return { segments, methods: new Map(), rank: 0 };
}

function trieNode(): TrieNode {
  return { literals: new Map(), patterns: [], target: undefined };
}

function literalChild(node: TrieNode, segment: Segment): TrieNode {
  const literal = decodeSegment(segment.literals[0] as string);
  const known = node.literals.get(literal);
  if (known !== undefined) return known;
  const next = trieNode();
  node.literals.set(literal, next);
  return next;
}

/** Names of parameters do not matter on the way: templates of one shape share their nodes. */
function patternChild(node: TrieNode, segment: Segment): TrieNode {
  const known = node.patterns.find((p) => p.segment.literals.join('\0') === segment.literals.join('\0'));
  if (known !== undefined) return known.node;
  const next = trieNode();
  node.patterns.push({ segment, node: next });
  return next;
}

/** Every template that matches. The trie is a tree: no node is visited twice, whatever the path. */
function collect(node: TrieNode, segments: readonly string[], decoded: readonly string[], at: number, found: Target[]): void {
  if (at === segments.length) {
    if (node.target !== undefined) found.push(node.target);
    return;
  }
  const literal = node.literals.get(decoded[at] as string);
  if (literal !== undefined) collect(literal, segments, decoded, at + 1, found);
  const text = segments[at] as string;
  for (const pattern of node.patterns)
    if (matchSegment(pattern.segment, text) !== undefined) collect(pattern.node, segments, decoded, at + 1, found);
}

/** HEAD is served by GET's operation where it has none of its own (semantics EV-10). */
function decide(method: string, targets: readonly Target[], segments: readonly string[]): Match {
  for (const target of targets) {
    const entry = target.methods.get(method) ?? (method === 'HEAD' ? target.methods.get('GET') : undefined);
    if (entry !== undefined) return { operation: entry.operation, params: paramsOf(entry, segments) };
  }
  const allow = new Set<string>();
  for (const target of targets) {
    for (const known of target.methods.keys()) {
      allow.add(known);
      if (known === 'GET') allow.add('HEAD');
    }
  }
  return { miss: 'method', allow: [...allow].sort() };
}

function paramsOf(entry: Entry, segments: readonly string[]): RawParams {
  let params: Map<string, string> | undefined;
  for (let i = 0; i < entry.segments.length; i++) {
    const segment = entry.segments[i] as Segment;
    if (segment.names.length === 0) continue;
    const values = matchSegment(segment, segments[i + 1] as string);
    for (let j = 0; j < segment.names.length; j++) {
      const name = segment.names[j] as string;
      // A server's own variable is no parameter of the operation.
      if (name.startsWith(SERVER_PARAMETER)) continue;
      params ??= new Map();
      params.set(name, values?.[j] ?? '');
    }
  }
  return params ?? NO_PARAMS;
}

/** Percent-encoding of what needs none means the same segment (RFC 3986 §6.2.2.2); a decoded slash stays within its segment. */
function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    const decoded = decodeURIComponent(segment);
    return decoded.includes('\0') ? segment : decoded;
  } catch {
    return segment;
  }
}

/** Segments may hold a decoded slash, so a slash cannot join them; NUL is in none. */
function keyOf(segments: readonly string[]): string {
  return segments.join('\0');
}
