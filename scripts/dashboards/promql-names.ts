/** What a PromQL expression names: a reading that is good enough for a lint, after Prometheus itself has parsed it. */

interface Token {
  readonly kind: 'string' | 'word' | 'range' | 'number' | 'sign';
  readonly text: string;
}

/** One selector: a metric with its matchers, and what stands round it. */
export interface Selector {
  readonly metric: string;
  readonly matchers: ReadonlyArray<{ readonly label: string; readonly operator: string; readonly value: string }>;
  /** What is between the brackets behind it; undefined: an instant vector. */
  readonly range: string | undefined;
  /** Functions and aggregations that it stands in, the outermost first. */
  readonly inside: readonly string[];
}

export interface Call {
  readonly name: string;
  /** Labels that an aggregation within it, at any depth, keeps. */
  readonly keeps: readonly string[];
}

export interface Names {
  readonly selectors: readonly Selector[];
  readonly calls: readonly Call[];
  /** In `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`. */
  readonly groupings: readonly string[];
  /** That `label_replace` and `label_join` make. */
  readonly made: readonly string[];
}

const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_:][\w:]*|\S/g;
const LISTED = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set([...LISTED, 'and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/** By expression: each is asked for by several rules. */
const known = new Map<string, Names>();

export function namesIn(expr: string): Names {
  const names = known.get(expr) ?? new Reader(tokens(expr)).read();
  known.set(expr, names);
  return names;
}

function tokens(expr: string): Token[] {
  return [...expr.matchAll(TOKEN)].map(([text]) => {
    if (text.startsWith('"')) return { kind: 'string', text };
    if (text.startsWith('[')) return { kind: 'range', text };
    if (/^\d/.test(text)) return { kind: 'number', text };
    return { kind: /^[A-Za-z_:]/.test(text) ? 'word' : 'sign', text };
  });
}

interface Open {
  /** Empty: brackets of arithmetic alone. */
  readonly name: string;
  readonly keeps: string[];
}

class Reader {
  private readonly tokens: readonly Token[];
  private at = 0;
  private readonly open: Open[] = [];
  private readonly selectors: Selector[] = [];
  private readonly calls: Call[] = [];
  private readonly groupings: string[] = [];
  private readonly made: string[] = [];

  constructor(all: readonly Token[]) {
    this.tokens = all;
  }

  read(): Names {
    while (this.at < this.tokens.length) this.step();
    const { selectors, calls, groupings, made } = this;
    return { selectors, calls, groupings, made };
  }

  private step(): void {
    const { kind, text } = this.tokens[this.at] as Token;
    this.at += 1;
    if (text === '(') this.open.push({ name: '', keeps: [] });
    else if (text === ')') this.open.pop();
    else if (kind === 'word') this.word(text);
  }

  private word(text: string): void {
    if (LISTED.has(text)) {
      const labels = this.text() === '(' ? this.list() : [];
      this.groupings.push(...labels);
      if (text === 'by') this.keep(labels);
    } else if (this.text() === '(' || (!WORDS.has(text) && ['by', 'without'].includes(this.text()))) this.call(text);
    else if (!WORDS.has(text)) this.selector(text);
  }

  /** A name with its arguments, or an aggregation with its labels before them. */
  private call(name: string): void {
    const opened: Open = { name, keeps: [] };
    this.calls.push(opened);
    if (this.text() !== '(') this.step();
    if (this.text() !== '(') return;
    this.at += 1;
    this.open.push(opened);
    if (name === 'label_replace' || name === 'label_join') this.made.push(this.secondArgument());
  }

  private selector(metric: string): void {
    const matchers = this.text() === '{' ? this.matchers() : [];
    const range = this.tokens[this.at]?.kind === 'range' ? this.text().slice(1, -1) : undefined;
    this.selectors.push({ metric, matchers, range, inside: this.open.map(({ name }) => name).filter((name) => name !== '') });
  }

  private matchers(): Array<Selector['matchers'][number]> {
    const found: Array<Selector['matchers'][number]> = [];
    this.at += 1;
    for (; this.at < this.tokens.length && this.text() !== '}'; this.at += 1) {
      const { kind, text } = this.tokens[this.at] as Token;
      if (kind !== 'word') continue;
      let operator = '';
      for (this.at += 1; this.tokens[this.at]?.kind === 'sign'; this.at += 1) operator += this.text();
      found.push({ label: text, operator, value: this.text().slice(1, -1) });
    }
    this.at += 1;
    return found;
  }

  private list(): string[] {
    const labels: string[] = [];
    for (this.at += 1; this.at < this.tokens.length && this.text() !== ')'; this.at += 1) if (this.text() !== ',') labels.push(this.text());
    this.at += 1;
    return labels;
  }

  private keep(labels: readonly string[]): void {
    for (const opened of this.open) opened.keeps.push(...labels);
  }

  /** The first string behind the comma that ends the first argument. */
  private secondArgument(): string {
    let depth = 0;
    for (let i = this.at; i < this.tokens.length; i += 1) {
      const { text } = this.tokens[i] as Token;
      if (text === '(' || text === '{') depth += 1;
      else if (text === ')' || text === '}') depth -= 1;
      else if (text === ',' && depth === 0) return (this.tokens[i + 1]?.text ?? '').slice(1, -1);
    }
    return '';
  }

  private text(): string {
    return this.tokens[this.at]?.text ?? '';
  }
}
