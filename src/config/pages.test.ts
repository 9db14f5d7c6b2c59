import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const env = { REDIS_PASSWORD: 's3cr3t' };

function problemsOf(text: string): string[] {
  return parseConfiguration({ text, file: 'page.yaml', dir: root, env }).problems.map(
    ({ line, pointer, message }) => `${line} ${pointer}: ${message}`,
  );
}

function examplesIn(page: string): string[] {
  const blocks = readFileSync(`${root}/${page}`, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm);
  return [...blocks].map(([, text]) => text as string);
}

/** What an example leaves to the reader: sections that it does not show. */
function completed(example: string): string {
  const listeners = example.includes('\nlisteners:') || example.startsWith('listeners:') ? '' : 'listeners: { partners: {} }\n';
  const routes = /^routes:/m.test(example)
    ? ''
    : '\nroutes: [{ name: a, listener: partners, contract: a, upstream: "http://a" }]\ncontracts: { a: { openapi: a.yaml } }\n';
  return `${listeners}${example}${routes}`;
}

const PAGES = ['docs/store.md', 'docs/outcomes.md', 'docs/reload.md', ...globSync('src/policies/*/README.md', { cwd: root })];

test('the example of all policies together is one that can be started as it stands', () => {
  const [whole] = examplesIn('docs/failures.md');
  expect(problemsOf(whole as string)).toEqual([]);
});

test.each(PAGES)('examples in %s are right', (page) => {
  // An ellipsis stands for what a reader has already.
  const examples = examplesIn(page).filter((text) => !text.includes('…'));
  expect(examples.map((text) => problemsOf(completed(text)))).toEqual(examples.map(() => []));
});
