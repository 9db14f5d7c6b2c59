/** How bytes are written in a case file, so that a person can read them. */

/** A repetition may not make a case larger than this. */
const MAX_BYTES = 4 * 1024 * 1024;
const SIMPLE: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\', '{': '{' };

/**
 * The bytes of a section: every line is ended by CR LF, unless it ends in a single `\`, which ends it without anything.
 * @throws where an escape or a repetition can't be read.
 */
export function sectionBytes(lines: readonly string[]): Buffer {
  return Buffer.concat(
    lines.map((line) => {
      const open = /(?<!\\)(?:\\\\)*\\$/.test(line);
      return Buffer.concat([textBytes(open ? line.slice(0, -1) : line), Buffer.from(open ? '' : '\r\n')]);
    }),
  );
}

/**
 * One piece of text: `\r \n \t \0 \\ \{ \xHH`, `{{text*times}}` (the text may hold escapes, no `*`). All else stands for itself, in UTF-8.
 * @throws where an escape or a repetition can't be read.
 */
export function textBytes(text: string): Buffer {
  const parts: Buffer[] = [];
  let rest = text;
  while (rest !== '') {
    const begin = rest.search(/\\|\{\{/);
    if (begin < 0) {
      parts.push(Buffer.from(rest));
      break;
    }
    if (begin > 0) parts.push(Buffer.from(rest.slice(0, begin)));
    const { bytes, length } = rest[begin] === '\\' ? escaped(rest.slice(begin)) : repetition(rest.slice(begin));
    parts.push(bytes);
    rest = rest.slice(begin + length);
  }
  return Buffer.concat(parts);
}

interface Piece {
  readonly bytes: Buffer;
  /** Characters of the text that it stands in. */
  readonly length: number;
}

function escaped(text: string): Piece {
  const hex = /^\\x([0-9a-f]{2})/i.exec(text)?.[1];
  if (hex !== undefined) return { bytes: Buffer.from(hex, 'hex'), length: 4 };
  const simple = SIMPLE[text[1] ?? ''];
  if (simple === undefined) throw new Error(`no such escape: ${JSON.stringify(text.slice(0, 4))}`);
  return { bytes: Buffer.from(simple), length: 2 };
}

function repetition(text: string): Piece {
  const [whole, what, times] = /^\{\{([^*]+)\*([1-9]\d{0,6})\}\}/.exec(text) ?? [];
  if (whole === undefined || what === undefined) throw new Error(`no repetition: ${JSON.stringify(text.slice(0, 20))}`);
  const once = textBytes(what);
  if (once.length * Number(times) > MAX_BYTES) throw new Error('a repetition is too large');
  return { bytes: Buffer.alloc(once.length * Number(times), once), length: whole.length };
}
