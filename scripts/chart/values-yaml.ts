import { stringify } from 'yaml';
import type { Json, Value } from './describe.ts';

const WIDTH = 118;

/** `values.yaml`: every key with its default, what it means above it. */
export function valuesYaml(fields: Readonly<Record<string, Value>>, head: readonly string[]): string {
  const lines = [...head.map((line) => `# ${line}`), ''];
  for (const [key, value] of Object.entries(fields)) lines.push(...entry(key, value, ''), '');
  return `${lines.join('\n').trimEnd()}\n`;
}

function entry(key: string, value: Value, indent: string): string[] {
  const comment = wrapped(plain(value.text), WIDTH - indent.length).map((line) => `${indent}# ${line}`);
  if (value.kind === 'leaf')
    return [...comment, ...(value.standard === undefined ? [`${indent}# ${key}:`] : assigned(key, value.standard, indent))];
  const below = Object.entries(value.fields).flatMap(([name, field]) => entry(name, field, `${indent}  `));
  return [...comment, `${indent}${key}:`, ...below];
}

function assigned(key: string, standard: Json, indent: string): string[] {
  const text = stringify(
    { [key]: standard },
    { lineWidth: 0, defaultStringType: 'PLAIN', defaultKeyType: 'PLAIN', singleQuote: false },
  ).trimEnd();
  return text.split('\n').map((line) => `${indent}${line}`);
}

/** A comment is read as text: of a link of Markdown it has where that leads to, from the root of the repository. */
function plain(text: string): string {
  return text.replaceAll(/\[[^\]]*\]\((?:\.\.\/)*([^)]*)\)/g, '$1');
}

export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
