import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from '../src/config/schema.ts';
import type { Doc } from '../src/core/schema.ts';
import { generate } from './generate-config.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Unique places that the editor's schema refuses. */
function refused(file: string): string[] {
  const schema = JSON.parse(generate()['config/plumbline.schema.json'] as string) as Record<string, unknown>;
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  validate(parse(read(file)));
  return [...new Set((validate.errors ?? []).map((e) => e.instancePath))];
}

test('the generated files are as the code says', () => {
  for (const [file, text] of Object.entries(generate())) expect(read(file), `${file} is stale: node scripts/generate.ts`).toBe(text);
});

test('editors accept the examples', () => {
  expect(refused('config/minimal.yaml')).toEqual([]);
  expect(refused('config/full.yaml')).toEqual([]);
});

test('editors see the mistakes that a schema can see', () => {
  expect(refused('src/config/golden/ten-mistakes.yaml')).toEqual(
    expect.arrayContaining(['', '/service/version', '/routes/0/policies/contract/request', '/routes/0/policies/deadline/total']),
  );
});

/** Every key of this version: `listeners.*.port`. */
function keysOf(doc: Doc, path: string): string[] {
  const own = (doc.fields ?? [])
    .filter(({ presence }) => presence !== 'later')
    .flatMap((f) => [`${path}${f.key}`, ...keysOf(f.doc, `${path}${f.key}.`)]);
  return [
    ...own,
    ...(doc.item === undefined ? [] : keysOf(doc.item, `${path}*.`)),
    ...(doc.alternatives ?? []).flatMap((a) => keysOf(a, path)),
  ];
}

/** The same of a file: names that people chose become `*` where the schema has a record or a list. */
function keysIn(value: unknown, doc: Doc, path: string): string[] {
  const docs = [doc, ...(doc.alternatives ?? [])];
  const below = (key: string): Doc | undefined => docs.flatMap((d) => d.fields ?? []).find((f) => f.key === key)?.doc;
  if (typeof value !== 'object' || value === null) return [];
  if (doc.item !== undefined) return Object.values(value).flatMap((v) => keysIn(v, doc.item as Doc, `${path}*.`));
  return Object.entries(value).flatMap(([key, v]) => [`${path}${key}`, ...keysIn(v, below(key) ?? { type: '' }, `${path}${key}.`)]);
}

/** A store in memory has it, and no key of one in Redis. */
const OF_THE_OTHER_KIND = 'store.maxBytes';

test('config/full.yaml names every key', () => {
  const doc = configurationSchema.doc();
  const named = new Set(keysIn(parse(read('config/full.yaml')), doc, ''));
  // Shown for a route, where they are most often written.
  const wanted = keysOf(doc, '').filter((key) => !key.startsWith('policies.') && key !== OF_THE_OTHER_KIND);
  expect(wanted.filter((key) => !named.has(key))).toEqual([]);
});

test('the reference page names every key and every default', () => {
  const page = read('docs/configuration.md');
  for (const key of ['listeners.<name>.port', 'routes[].match.path', 'contracts.<name>.sla.latency', 'policies.deadline.total', 'store'])
    expect(page).toContain(`\`${key}\``);
  for (const key of ['policies.webhook', 'contracts.<name>.graphql'])
    expect(page.slice(page.indexOf('## Not in this version'))).toContain(`${key}\``);
});
