/** One replacement of a piece of text; an insertion where `start` is `end`. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What goes is the end of a text without a final line break: the break before it goes too. */
  readonly withBreakBefore: boolean;
}

/** A text that is being changed: its lines, and the splices that wait to be made. */
export class Page {
  readonly text: string;
  readonly eol: '\n' | '\r\n';
  readonly #splices: Splice[] = [];

  constructor(text: string) {
    this.text = text;
    this.eol = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  }

  /** Insertions at one place are made in the order of the calls. */
  splice(start: number, end: number, text: string): void {
    this.#splices.push({ start, end, text: this.#breaks(text), withBreakBefore: false });
  }

  /** Whole lines, at the beginning of a line or at the end of the text. */
  insertLines(at: number, lines: readonly string[]): void {
    const open = at === this.text.length && at > 0 && !this.text.endsWith('\n');
    this.splice(at, at, open ? lines.map((line) => `\n${line}`).join('') : lines.map((line) => `${line}\n`).join(''));
  }

  removeLines(start: number, end: number): void {
    const withBreakBefore = end === this.text.length && !this.text.endsWith('\n');
    this.#splices.push({ start, end, text: '', withBreakBefore });
  }

  lineStart(offset: number): number {
    return offset === 0 ? 0 : this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  column(offset: number): number {
    return offset - this.lineStart(offset);
  }

  /** Beginning of the line behind what ends at `offset`; the text's end where there is none. A block scalar may end with its break. */
  nextLine(offset: number): number {
    if (offset > 0 && this.text[offset - 1] === '\n') return offset;
    const end = this.text.indexOf('\n', offset);
    return end === -1 ? this.text.length : end + 1;
  }

  /** Whether nothing but a comment follows on the line. */
  endsLine(offset: number): boolean {
    return this.text[offset - 1] === '\n' || /^\s*(?:#|$)/.test(this.#restOfLine(offset));
  }

  /** Whether nothing stands before it on its line. */
  beginsLine(offset: number): boolean {
    return this.text.slice(this.lineStart(offset), offset).trim() === '';
  }

  /** Behind the comments that follow directly and stand at `column` or deeper. */
  behindComments(from: number, column: number): number {
    let at = from;
    for (;;) {
      const indent = /^( *)#/.exec(this.#restOfLine(at))?.[1]?.length;
      if (indent === undefined || indent < column) return at;
      at = this.nextLine(at + indent + 1);
    }
  }

  /** The text with every splice; undefined where two of them touch the same characters. */
  result(): string | undefined {
    const splices = this.#splices.toSorted((a, b) => a.start - b.start || Number(a.start !== a.end) - Number(b.start !== b.end));
    let text = '';
    let at = 0;
    for (const { start, end, text: added, withBreakBefore } of splices) {
      if (start < at) return undefined;
      text += this.text.slice(at, start);
      if (withBreakBefore) text = text.replace(/\r?\n$/, '');
      text += added;
      at = end;
    }
    return text + this.text.slice(at);
  }

  #breaks(text: string): string {
    return this.eol === '\n' ? text : text.replaceAll('\n', this.eol);
  }

  #restOfLine(offset: number): string {
    const end = this.text.indexOf('\n', offset);
    return this.text.slice(offset, end === -1 ? undefined : end);
  }
}
