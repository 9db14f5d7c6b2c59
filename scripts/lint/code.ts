import type { Problem } from './problem.ts';
import { parse, walk } from './syntax.ts';

const MAX_LINES = 300;

/** No file of the product or of its tests is longer than a reader keeps in mind. Generated ones and data are not read. */
export function checkLength(file: string, text: string): Problem[] {
  if (!/^(src|ui|test|loadtests)\//.test(file) || !/\.([cm]?[jt]sx?)$/.test(file) || /\.gen\./.test(file)) return [];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return lines <= MAX_LINES ? [] : [{ file, line: lines, rule: 'length', message: `${lines} lines; split before ${MAX_LINES}` }];
}

/** A name that says nothing collects everything. */
export function checkName(file: string): Problem[] {
  const word = file.split('/').find((part) => /^(utils?|helpers?|misc|common)(\.|$)/i.test(part));
  return word === undefined ? [] : [{ file, line: 1, rule: 'name', message: `${word}: name it after the one idea it holds` }];
}

/** Ways round the compiler and the linter: never, or with the reason in a comment on that line or the one above. */
export function checkEscapes(file: string, text: string): Problem[] {
  if (!file.startsWith('src/') || !file.endsWith('.ts')) return [];
  const lines = text.split('\n');
  const problems: Problem[] = [];
  const add = (line: number, message: string) => void problems.push({ file, line, rule: 'escape-hatch', message });
  lines.forEach((line, i) => {
    if (/@ts-(ignore|nocheck)/.test(line)) add(i + 1, 'the compiler is not silenced; @ts-expect-error with a reason, if it must be');
    if (/@ts-expect-error\s*$/.test(line)) add(i + 1, '@ts-expect-error needs its reason on the same line');
    const off = /(?:biome-ignore|(?:eslint|oxlint)-disable)\S*(.*)/.exec(line);
    if (off !== null && !/(:| -- )\s*\S/.test(off[1] ?? '') && !isComment(lines[i - 1])) {
      add(i + 1, 'a rule that is switched off needs its reason, behind `:` or ` -- ` or in the comment above');
    }
  });
  const { program, lineOf } = parse(file, text);
  walk(program, (node) => {
    if (node.type !== 'TSAnyKeyword') return;
    const line = lineOf(node.start);
    if (!hasReason(lines, line)) add(line, '`any` needs a comment that says why, on that line or above it');
  });
  return problems;
}

function hasReason(lines: readonly string[], line: number): boolean {
  return /\/\/ ?\S|\/\* ?\S/.test(lines[line - 1] ?? '') || isComment(lines[line - 2]);
}

function isComment(line: string | undefined): boolean {
  return /^\s*(\/\/|\*|\/\*)/.test(line ?? '');
}
