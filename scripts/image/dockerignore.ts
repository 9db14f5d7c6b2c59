/**
 * Which files of a build's context `.dockerignore` leaves out: the last line that fits decides, a line with `!` takes back in, and what
 * fits a folder fits all that is in it. `path` is relative, with `/`. Left out of the language: character classes and escapes.
 */
export function ignores(rules: string): (path: string) => boolean {
  const lines = rules
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (line.startsWith('!') ? { pattern: pattern(line.slice(1)), out: false } : { pattern: pattern(line), out: true }));
  return (path) => {
    const parts = path.split('/');
    const above = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
    return lines.findLast(({ pattern }) => above.some((folder) => pattern.test(folder)))?.out ?? false;
  };
}

/** `**` any folders, also none; `*` and `?` within a name, which may begin with a dot. */
function pattern(text: string): RegExp {
  const trimmed = text.trim().replace(/^\/|\/$/g, '');
  const source = trimmed.replace(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (found) => PARTS[found] ?? `\\${found}`);
  return new RegExp(`^${source}$`);
}

const PARTS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
