import type { Json, Value } from './describe.ts';

/** Rows of a table in Markdown: every leaf by its path, with type, default and meaning. */
export function table(fields: Readonly<Record<string, Value>>, path = ''): string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const full = `${path}${key}`;
    if (value.kind === 'section') return table(value.fields, `${full}.`);
    return [`| \`${full}\` | ${cell(value.type)} | ${shown(value.standard)} | ${cell(value.text)} |`];
  });
}

function shown(standard: Json | undefined): string {
  if (standard === '' || standard === undefined) return '–';
  const isEmpty = typeof standard === 'object' && standard !== null && Object.keys(standard).length === 0;
  return isEmpty ? '–' : `\`${cell(typeof standard === 'string' ? standard : JSON.stringify(standard))}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
