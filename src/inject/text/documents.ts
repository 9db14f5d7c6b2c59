/** One document of a stream, with the marker before it and what stands between it and the next. */
export interface DocumentText {
  readonly text: string;
  /** Its first line in the stream, from 1. */
  readonly line: number;
}

/** `---` or `...` at the beginning of a line ends every scalar, block or flow (YAML 1.2.2 §9.1.2, rule c-forbidden): no other place can look like it. */
const MARKER = /(?<![^\n])(\ufeff?---|\.\.\.)(?![^ \t\r\n])/g;

/**
 * The documents of a stream; joined again they are the stream. Directives and comments before a `---` belong to the document that it
 * begins, what follows the last document's end (`...`) is a text of its own. A byte order mark before the first is left out by the caller.
 */
export function splitDocuments(stream: string): DocumentText[] {
  const cuts: number[] = [];
  // Whether only comments, directives and blank lines have come since the last cut.
  let from = 0;
  for (const match of stream.matchAll(MARKER)) {
    const at = match.index;
    if (match[1] === '...') {
      const end = stream.indexOf('\n', at);
      from = end === -1 ? stream.length : end + 1;
    } else if (hasContent(stream, from, at)) {
      from = at;
    } else continue;
    if (from < stream.length) cuts.push(from);
  }
  let line = 1;
  return [0, ...cuts].map((start, i) => {
    const text = stream.slice(start, cuts[i]);
    const document = { text, line };
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) line += 1;
    return document;
  });
}

/** A line that is no comment, no directive and not blank; a `---` is one. */
function hasContent(stream: string, from: number, to: number): boolean {
  // Not `^` and `$`: they would take U+2028 for the end of a line.
  const content = /(?<![^\n])(?![ \t\r\ufeff]*(?:[#\n]|(?![\s\S]))|%)/g;
  content.lastIndex = from;
  const found = content.exec(stream);
  return found !== null && found.index < to;
}
