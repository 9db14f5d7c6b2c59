import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INJECT_FLAGS } from '../../src/cli/inject/flags.ts';
import { ANNOTATIONS } from '../../src/inject/names.ts';
import { DEFAULT_SETTINGS } from '../../src/inject/settings.ts';
import { injectText } from './case.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/inject.md'), 'utf8');

function fence(language: string): string {
  const found = page.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``));
  return found?.[1] ?? '';
}

test('the example on the page is what really happens', async () => {
  const before = fence('yaml');
  const { out, err, code } = await injectText(before, []);
  expect(code).toBe(0);
  expect(err.replaceAll('(stdin)', 'billing.yaml')).toBe(page.match(/```\n(billing\.yaml:1: [\s\S]*?)```/)?.[1]);
  const [was, is] = [before.split('\n'), out.split('\n')];
  const lines = fence('diff')
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(40);
  for (const [mark, text] of [
    ['+', is],
    ['-', was],
    [' ', is],
    [' ', was],
  ] as const) {
    let from = 0;
    for (const line of lines.filter((one) => one.startsWith(mark)).map((one) => one.slice(1))) {
      if (line.trim() === '…') continue;
      const shown = line.endsWith('…') ? line.slice(0, -1) : undefined;
      const at = text.findIndex((one, i) => i >= from && (shown === undefined ? one === line : one.startsWith(shown)));
      expect(at, `${mark}${line}`).toBeGreaterThanOrEqual(0);
      from = at + 1;
    }
  }
});

test('every annotation, flag and setting is on the page', () => {
  const names = [
    ...Object.values(ANNOTATIONS),
    ...INJECT_FLAGS.map(({ long }) => long),
    ...Object.keys(DEFAULT_SETTINGS).filter((key) => key !== 'form'),
    'form: legacy',
  ];
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) expect(page).toContain(`\`${name}\``);
});
