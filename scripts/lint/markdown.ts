/** As much of Markdown as the checks of our own pages need. Lines count from 1. */

/** Every line of a fenced block and every code span, with its line. A line that ends in `\` is joined with the next. */
export function codeOf(text: string): Array<{ readonly line: number; readonly code: string }> {
  const found: Array<{ line: number; code: string }> = [];
  let fence: string | undefined;
  let joined: { line: number; code: string } | undefined;
  text.split('\n').forEach((content, i) => {
    const mark = /^\s*(```+|~~~+)/.exec(content)?.[1];
    if (mark !== undefined && (fence === undefined || content.trim() === fence)) {
      fence = fence === undefined ? mark : undefined;
      return;
    }
    if (fence === undefined) {
      for (const [, code] of content.matchAll(/`([^`]+)`/g)) found.push({ line: i + 1, code: code as string });
      return;
    }
    const current: { line: number; code: string } = joined ?? { line: i + 1, code: '' };
    current.code += content.replace(/\\$/, '');
    joined = content.endsWith('\\') ? current : undefined;
    if (joined === undefined) found.push(current);
  });
  return found;
}

/** Fenced blocks as they would be copied: without the indentation of the list that they stand in. `line` is that of the opening fence. */
export function fencesOf(text: string): Array<{ readonly line: number; readonly language: string; readonly text: string }> {
  return [...text.matchAll(/^([ \t]*)(```+|~~~+)[ \t]*(\S*)[^\n]*\n([\s\S]*?)^[ \t]*\2[ \t]*$/gm)].map((found) => {
    const [, indent = '', , language = '', body = ''] = found;
    const lines = body.split('\n').map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()));
    return { line: text.slice(0, found.index).split('\n').length, language, text: lines.join('\n') };
  });
}

/** Targets of links and pictures outside fenced blocks. */
export function linksOf(text: string): Array<{ readonly line: number; readonly target: string }> {
  return prose(text).flatMap(({ line, content }) =>
    [...content.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({ line, target: target as string })),
  );
}

/** The anchors that a page's headings get: lower case, no punctuation, `-` for a space. */
export function headingAnchors(text: string): Set<string> {
  const headings = prose(text).flatMap(({ content }) => /^#+ +(.*)$/.exec(content)?.[1] ?? []);
  return new Set(
    headings.map((h) =>
      h
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function prose(text: string): Array<{ readonly line: number; readonly content: string }> {
  let fenced = false;
  return text.split('\n').flatMap((content, i) => {
    const isFence = /^\s*(```|~~~)/.test(content);
    if (isFence) fenced = !fenced;
    return fenced || isFence ? [] : [{ line: i + 1, content }];
  });
}
