import { isFilled } from '../../src/inject/text/draft.ts';

/** Draws one of several; the whole text hangs on these draws, so that a failure shrinks to a short one. */
export type Draw = <T>(of: readonly T[]) => T;

/** YAML of the core schema that says a value, spelt in a way that is drawn: every style, quote, comment and indentation that people and programs write. */
export class Spelling {
  readonly #draw: Draw;
  /** Whether anything but the usual is drawn at all: else a text of some length always has something in it that cannot be edited. */
  readonly #isOdd: boolean;
  /** Of scalars that have an anchor: the anchor by the value. */
  readonly #anchors = new Map<string, string>();

  constructor(draw: Draw, isOdd: boolean) {
    this.#draw = draw;
    this.#isOdd = isOdd;
  }

  /** Lines of a mapping in block style, in an order of its own. */
  mapping(value: object, column: number): string[] {
    return this.#shuffled(Object.entries(value)).flatMap(([key, item]) => [
      ...this.#between(column),
      ...this.#entry(key, item as unknown, ' '.repeat(column), column),
    ]);
  }

  /** In brackets, on one line or on several; `column`: of what it stands in. */
  flow(value: unknown, column: number): string {
    if (typeof value !== 'object' || value === null) return this.#scalar(value);
    const [open, close] = Array.isArray(value) ? '[]' : '{}';
    const pad = ' '.repeat(column + this.#draw([2, 4]));
    const parts = Array.isArray(value)
      ? value.map((item: unknown) => this.flow(item, pad.length))
      : this.#shuffled(Object.entries(value)).map(([key, item]) => `${this.#key(key)}: ${this.flow(item, pad.length)}`);
    if (parts.length === 0) return `${open}${this.#draw(['', '', ' '])}${close}`;
    const [before, between, after] = this.#draw([
      ['', ', ', ''],
      [' ', ', ', ' '],
      [`\n${pad}`, `,\n${pad}`, `\n${pad.slice(2)}`],
      [`\n${pad}`, `,\n${pad}`, `,\n${pad.slice(2)}`],
      ['', `,\n${pad}`, ''],
      [' # why\n'.concat(pad), `, # because\n${pad}`, ` # so\n${pad}`],
      ['', ' , ', ', '],
    ] as const);
    return `${open}${before}${parts.join(between)}${after}${close}`;
  }

  #entry(key: string, value: unknown, head: string, column: number): string[] {
    if (this.#rarely()) return [`${head}? ${this.#key(key)}`, ...this.#below(value, `${' '.repeat(column)}:`, column)];
    return this.#below(value, `${head}${this.#key(key)}${this.#draw(['', '', '', '', ' '])}:`, column);
  }

  #below(value: unknown, head: string, column: number): string[] {
    const style = this.#draw(['block', 'block', 'block', 'block', 'flow']);
    if (style === 'flow' || !isFilled(value)) return this.#onLine(value, head, column);
    const props = this.#rarely() ? ` &n${this.#draw([1, 2, 3])}${this.#draw([10, 20, 30])}` : '';
    const below = Array.isArray(value)
      ? this.#sequence(value, column + this.#draw([0, 2, 2, 4]))
      : this.mapping(value, column + this.#draw([2, 2, 4, 1]));
    return [`${head}${props}${this.#comment()}`, ...below];
  }

  #sequence(items: readonly unknown[], column: number): string[] {
    const pad = ' '.repeat(column);
    return items.flatMap((item) => {
      const dash = `-${' '.repeat(this.#draw([1, 1, 1, 3]))}`;
      const before = this.#between(column);
      if (!isFilled(item) || Array.isArray(item) || this.#draw([false, false, false, true])) {
        return [...before, ...this.#below(item, `${pad}-`, column)];
      }
      const [first, ...rest] = this.#shuffled(Object.entries(item));
      const [key, value] = first as [string, unknown];
      const inside = column + dash.length;
      const one = this.#entry(key, value, `${pad}${dash}`, inside);
      return [...before, ...one, ...(rest.length === 0 ? [] : this.mapping(Object.fromEntries(rest), inside))];
    });
  }

  #onLine(value: unknown, head: string, column: number): string[] {
    if (value === null && this.#draw([true, false])) return [`${head}${this.#comment()}`];
    if (typeof value === 'string' && value !== '' && this.#rarely()) return this.#several(value, head, column);
    const gap = this.#draw([' ', ' ', ' ', '  ']);
    return `${head}${gap}${this.flow(value, column)}${this.#comment()}`.split('\n');
  }

  /** A text over several lines that says what one line could. */
  #several(value: string, head: string, column: number): string[] {
    const pad = ' '.repeat(column + 2);
    const half = Math.floor(value.length / 2);
    // A scalar may leave an anchor behind: only where it is written.
    if (this.#draw([false, false, false, false, false, true])) return [head, `${pad}${this.#scalar(value)}`];
    return this.#draw([
      [`${head} |-`, `${pad}${value}`],
      [`${head} >-`, `${pad}${value}`],
      [`${head} |2-`, `${' '.repeat(column + 2)}${value}`],
      [`${head} >-${this.#comment()}`, `${pad}${value}`, ''],
      [`${head} "${value.slice(0, half)}\\`, `${pad}${value.slice(half)}"`],
    ]);
  }

  #scalar(value: unknown): string {
    const draw = this.#draw;
    if (typeof value === 'number') {
      return this.#rarely() ? draw([`0x${value.toString(16)}`, `+${value}`, `${value}.0`, `0o${value.toString(8)}`]) : String(value);
    }
    if (typeof value === 'boolean') return draw([String(value), String(value), value ? 'True' : 'FALSE']);
    if (value === null) return draw(['null', 'null', '~', 'Null', '!!null null']);
    const text = value as string;
    const known = this.#anchors.get(text);
    if (known !== undefined && this.#rarely()) return `*${known} `;
    const plain = isWord(text) ? text : JSON.stringify(text);
    const spelt = draw([plain, plain, plain, JSON.stringify(text), `'${text.replaceAll("'", "''")}'`]);
    if (!this.#rarely()) return spelt;
    if (draw([true, false])) return draw([`!!str ${spelt}`, `! ${spelt}`, `"${escaped(text)}"`]);
    const name = `s${this.#anchors.size}`;
    this.#anchors.set(text, name);
    return `&${name} ${spelt}`;
  }

  #key(key: string): string {
    const plain = isWord(key) ? key : JSON.stringify(key);
    return this.#draw([plain, plain, plain, plain, JSON.stringify(key), `'${key}'`]);
  }

  #comment(): string {
    return this.#draw(['', '', '', '', ' # why', '  ', '\t# tab']);
  }

  #between(column: number): string[] {
    const pad = ' '.repeat(column);
    return this.#draw([[], [], [], [], [''], [`${pad}# own`], [`${pad}  # deeper`], ['# far', ''], ['   ']]);
  }

  #shuffled<T>(items: readonly T[]): readonly T[] {
    return this.#draw([false, false, true]) ? items.toReversed() : items;
  }

  #rarely(): boolean {
    return this.#isOdd && this.#draw(RARELY);
  }
}

const RARELY: readonly boolean[] = [...Array.from({ length: 39 }, () => false), true];

/** Of what the manifests here say. */
function isWord(text: string): boolean {
  return /^[a-z/][\w./:@-]*$/i.test(text) && !/^(?:true|false|null)$/i.test(text) && !text.endsWith(':');
}

/** The second character by its number. */
function escaped(text: string): string {
  const safe = JSON.stringify(text).slice(1, -1);
  return /^\w\w/.test(safe) ? `${safe[0] as string}\\x${safe.charCodeAt(1).toString(16)}${safe.slice(2)}` : safe;
}
