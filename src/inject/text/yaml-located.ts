import { type CST, type Node, type Pair, type Scalar, Lexer, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import { kubernetesWord } from './kubernetes-word.ts';
import { type Child, type Located, type LocatedCollection, type TextFault, MAX_DEPTH } from './located.ts';

/** What is shorter cannot be much, whatever is in it. */
const SURELY_LITTLE_CHARS = 64 * 1024;
/** Each takes some four hundred bytes while the text is read: words and signs, but blanks and line breaks, too. A manifest has one for three characters. */
const MAX_MARKS = 3_500_000;

/** Whose reading of plain words counts: that of YAML 1.2, or that of Kubernetes' tools. */
export type Words = 'core' | 'kubernetes';

export type LocatedYaml = { readonly root: Located } | { readonly fault: TextFault };

/** The places of one YAML document (1.2, core schema, as its own `%YAML` says otherwise); markers and directives may stand around it. */
export function locateYaml(text: string, words: Words = 'core', maxMarks = MAX_MARKS): LocatedYaml {
  const much = text.length > SURELY_LITTLE_CHARS ? tooMuch(text, maxMarks) : undefined;
  if (much !== undefined) return { fault: much };
  // Duplicate keys are found where they matter: the library compares every key with every other.
  const document = parseDocument(text, {
    keepSourceTokens: true,
    prettyErrors: false,
    uniqueKeys: false,
    strict: true,
    logLevel: 'silent',
  });
  // Where the parser gave up, all that it says besides comes of that.
  const error = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION') ?? document.errors[0];
  if (error !== undefined) {
    const message = error.code === 'RESOURCE_EXHAUSTION' ? 'nested too deep' : `not readable as YAML: ${error.message}`;
    return { fault: { message, offset: error.pos[0] } };
  }
  const reader = new Reader(text, words);
  const root = reader.node(document.contents, undefined, 0, 0);
  return reader.fault === undefined ? { root } : { fault: reader.fault };
}

/** Looked at before the parser makes a tree of it. */
function tooMuch(text: string, maxMarks: number): TextFault | undefined {
  let [offset, marks, depth] = [0, 0, 0];
  for (const mark of new Lexer().lex(text)) {
    marks += 1;
    if (mark === '[' || mark === '{') depth += 1;
    else if (mark === ']' || mark === '}') depth -= 1;
    if (depth > MAX_DEPTH) return { message: `nested deeper than ${MAX_DEPTH} levels`, offset };
    if (marks > maxMarks) return { message: `has more than ${maxMarks} words and signs in one document; split it`, offset };
    // The lexer's own signs stand in no text.
    if (mark !== '\x02' && mark !== '\x18' && mark !== '\x1f') offset += mark.length;
  }
  return undefined;
}

class Reader {
  readonly #text: string;
  readonly #words: Words;
  readonly #anchors = new Map<string, Located>();
  /** Anchors of collections that are being read: an alias to one of them would hold itself. */
  readonly #open = new Set<string>();
  fault: TextFault | undefined;

  constructor(text: string, words: Words) {
    this.#text = text;
    this.#words = words;
  }

  /** `props`: the tokens before the value, with its anchor and tag; `behindMark` stands in for a value that is not there. */
  node(node: unknown, props: readonly CST.SourceToken[] | undefined, behindMark: number, depth: number): Located {
    const found = this.#read(node, behindProps(props, behindMark), depth);
    if (found.anchor !== undefined) this.#anchors.set(found.anchor, found);
    return found;
  }

  #read(node: unknown, behindMark: number, depth: number): Located {
    if (depth > MAX_DEPTH) return this.#stop(`nested deeper than ${MAX_DEPTH} levels`, behindMark);
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? behindMark, node.range?.[1] ?? behindMark);
    if (isMap(node) || isSeq(node)) {
      const { anchor } = node;
      // An anchor that is given a second time means the newer node from here on.
      if (anchor !== undefined) this.#anchors.delete(anchor);
      if (anchor !== undefined) this.#open.add(anchor);
      const collection = this.#collection(node, anchor, behindMark, depth);
      if (anchor !== undefined) this.#open.delete(anchor);
      return collection;
    }
    if (!isScalar(node)) return { kind: 'scalar', form: 'empty', start: behindMark, end: behindMark, anchor: undefined, value: null };
    const { anchor } = node;
    const [start, end] = node.range ?? [behindMark, behindMark];
    switch (node.type) {
      case 'QUOTE_SINGLE':
        return { kind: 'scalar', form: 'single', start, end, anchor, value: node.value };
      case 'QUOTE_DOUBLE':
        return { kind: 'scalar', form: 'double', start, end, anchor, value: node.value };
      case 'BLOCK_LITERAL':
      case 'BLOCK_FOLDED':
        return { kind: 'scalar', form: 'block', start, end: this.#endOfBlock(start, end), anchor, value: node.value };
      default: {
        const nothing = start === end;
        return {
          kind: 'scalar',
          form: nothing ? 'empty' : 'plain',
          start: nothing ? behindMark : start,
          end: nothing ? behindMark : end,
          anchor,
          value: this.#plain(node),
        };
      }
    }
  }

  /** A tag says itself what the value is. */
  #plain({ value, source, tag }: Scalar): unknown {
    return this.#words === 'core' || source === undefined || tag !== undefined ? value : kubernetesWord(source, value);
  }

  /** Blank lines behind a block scalar are its own only with `+` (YAML 1.2.2 §8.1.1.2). */
  #endOfBlock(start: number, end: number): number {
    const header = /[^\r\n]*/y;
    header.lastIndex = start;
    const first = (header.exec(this.#text) as RegExpExecArray)[0];
    if (/^[|>]\d?\+/.test(first)) return end;
    return Math.max(start + first.trimEnd().length, start + this.#text.slice(start, end).trimEnd().length);
  }

  #alias(name: string, start: number, end: number): Located {
    const target = this.#anchors.get(name);
    if (target !== undefined) return { kind: 'alias', name, target, start, end, anchor: undefined };
    const why = this.#open.has(name) ? 'stands inside what it names' : 'has no anchor before it';
    return this.#stop(`*${name} ${why}`, start);
  }

  #collection(
    node: Node & { readonly items: unknown[]; readonly flow?: boolean },
    anchor: string | undefined,
    at: number,
    depth: number,
  ): LocatedCollection {
    const kind = isMap(node) ? 'map' : 'seq';
    const [start, behind] = node.range ?? [at, at];
    const style = node.flow !== true ? 'block' : kind === 'map' && this.#text[start] !== '{' ? 'pair' : 'flow';
    const children = kind === 'map' ? node.items.map((item) => this.#entry(item, start, depth)) : this.#items(node, start, depth);
    const end = style === 'flow' ? behind : (children.at(-1)?.value.end ?? behind);
    return { kind, style, start, end, anchor, children };
  }

  #entry(item: unknown, at: number, depth: number): Child {
    if (!isPair(item)) return { key: undefined, start: at, behindMark: at, merges: false, value: this.#stop('an entry without a key', at) };
    const { key, value, srcToken } = item as Pair & { readonly srcToken?: CST.CollectionItem };
    const keyRange = isScalar(key) ? key.range : undefined;
    const keyStart = keyRange?.[0] ?? at;
    if (!isScalar(key)) this.#stop('a key that is not a plain word', (key as Node | null)?.range?.[0] ?? at);
    const name = isScalar(key) ? String(key.value ?? '') : undefined;
    if (isScalar(key) && key.anchor !== undefined) {
      this.#anchors.set(key.anchor, {
        kind: 'scalar',
        form: 'plain',
        start: keyStart,
        end: keyStart,
        anchor: key.anchor,
        value: key.value,
      });
    }
    const first = srcToken?.start.find(({ type }) => !BETWEEN.has(type));
    const mark = srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
    const behindMark = mark === undefined ? (keyRange?.[1] ?? at) : mark.offset + mark.source.length;
    return {
      key: name,
      start: first === undefined ? keyStart : Math.min(first.offset, keyStart),
      behindMark,
      merges: name === '<<' && isScalar(key) && key.type === 'PLAIN',
      value: this.node(value, mark === undefined ? undefined : srcToken?.sep, behindMark, depth + 1),
    };
  }

  #items(node: { readonly items: unknown[]; readonly flow?: boolean; readonly srcToken?: unknown }, at: number, depth: number): Child[] {
    const tokens = (node.srcToken as CST.BlockSequence | CST.FlowCollection | undefined)?.items ?? [];
    // What is no item of its own holds comments only.
    const real = node.flow === true ? tokens : tokens.filter(({ start }) => start.some(({ type }) => type === 'seq-item-ind'));
    return node.items.map((item, i) => {
      const start = real[i]?.start ?? [];
      const mark = start.find(({ type }) => type === 'seq-item-ind');
      const own = (item as Node | undefined)?.range?.[0] ?? at;
      const props = start.find(({ type }) => type === 'anchor' || type === 'tag' || type === 'explicit-key-ind');
      const from = mark?.offset ?? Math.min(props?.offset ?? own, own);
      const behindMark = mark === undefined ? from : mark.offset + mark.source.length;
      return { key: undefined, start: from, behindMark, merges: false, value: this.node(item, start, behindMark, depth + 1) };
    });
  }

  #stop(message: string, offset: number): Located {
    this.fault ??= { message, offset };
    return { kind: 'scalar', form: 'empty', start: offset, end: offset, anchor: undefined, value: null };
  }
}

/** Tokens that stand between entries and belong to none. */
const BETWEEN = new Set<string>(['space', 'comment', 'newline', 'comma']);

/** Behind the mark and, where there is no more than these, behind anchor and tag. */
function behindProps(tokens: readonly CST.SourceToken[] | undefined, behindMark: number): number {
  let behind = behindMark;
  for (const { type, offset, source } of tokens ?? []) {
    if ((type === 'anchor' || type === 'tag') && offset >= behindMark) behind = Math.max(behind, offset + source.length);
  }
  return behind;
}
