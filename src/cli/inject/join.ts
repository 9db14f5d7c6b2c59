/** Several files as one stream: with a line `---` between two where neither has one. A single one stays as it is. */
export function joinSources(texts: readonly string[]): string {
  let stream = '';
  for (const text of texts) {
    if (stream === '' || text === '') {
      stream += text;
      continue;
    }
    if (!stream.endsWith('\n')) stream += '\n';
    // A byte order mark is of use at the beginning of a stream alone.
    const next = text.replace(/^\ufeff/, '');
    if (!BEGINS.test(next) && !ENDED.test(stream)) stream += '---\n';
    stream += next;
  }
  return stream;
}

/** Comments and blank lines, then the marker of a document, or a directive that needs one before it. */
const BEGINS = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*---(?![^ \t\r\n])/;
const ENDED = /\n(?:---|\.\.\.)[ \t]*\r?\n$/;
