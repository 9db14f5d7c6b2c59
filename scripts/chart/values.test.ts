import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { DEFAULT_IMAGE, IMAGE_REPOSITORY } from '../../src/inject/image.ts';
import { generate } from '../generate-chart.ts';
import { root } from '../lint/tree.ts';
import type { Json, JsonSchema, Value } from './describe.ts';
import { wrapped } from './values-yaml.ts';
import { chartValues } from './values.ts';

const files = generate();
const text = (file: string): string => files[`helm/plumbline/${file}`] ?? '';
const schema = JSON.parse(text('values.schema.json')) as JsonSchema;
const values = parse(text('values.yaml')) as { image: { repository: string }; sidecar: object; standalone: object };
const described = chartValues(IMAGE_REPOSITORY);
const accepts = new Ajv2020({ strict: false, logger: false }).compile(schema);

/** Path and value of each leaf. */
function leaves(fields: Readonly<Record<string, Value>>, path = ''): [string, Extract<Value, { kind: 'leaf' }>][] {
  return Object.entries(fields).flatMap(([key, value]) =>
    value.kind === 'section' ? leaves(value.fields, `${path}${key}.`) : [[`${path}${key}`, value]],
  );
}

/** Every schema in a schema, by its place. */
function* schemasIn(node: Json, path = '#'): Generator<[string, JsonSchema]> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield [path, node as JsonSchema];
  for (const [key, inner] of Object.entries(node)) if (key !== 'default') yield* schemasIn(inner as Json, `${path}/${key}`);
}

const folder = join(root, 'helm/plumbline/templates');
const templates = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ya?ml|tpl|txt)$/.test(name))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

describe('what is described once', () => {
  test('the defaults are what the schema allows, and a key more is refused', () => {
    expect(accepts(values)).toBe(true);
    expect(accepts({ ...values, global: { anything: 1 } })).toBe(true);
    expect(accepts({ ...values, sidecars: {} })).toBe(false);
  });

  test('each key has a default of its schema, and a text that is a sentence', () => {
    const all = leaves(described);
    const one = new Ajv2020({ strict: false });
    expect(all.length).toBeGreaterThan(100);
    for (const [path, leaf] of all) {
      expect(leaf.text, path).toMatch(/^[A-Z`0-9].*[.)]$/s);
      // That of a configuration is looked at below: compiling it for each would take seconds.
      const { if: condition, ...own } = leaf.schema;
      if (leaf.standard !== undefined) expect(one.validate(condition === undefined ? leaf.schema : own, leaf.standard), path).toBe(true);
    }
  });

  test('the table of the README has every key', () => {
    for (const [path] of leaves(described)) expect(text('README.md')).toContain(`| \`${path}\` |`);
  });

  test('no key is read by nobody: the templates name each', () => {
    // These are handed on as a whole.
    const whole = /^injection\.settings\.|\.(resources|selector|(?:namespace|object)Selector|affinity)(\.|$)/;
    const unread = leaves(described).filter(
      ([path]) => !whole.test(path) && !new RegExp(`(?:\\.|")${path.split('.').at(-1)}\\b`).test(templates),
    );
    expect(unread.map(([path]) => path)).toEqual([]);
  });
});

describe('the schema', () => {
  test('is closed everywhere: only what a parent chart hands down is open, and the names of percentiles', () => {
    const open = [...schemasIn(schema)].filter(
      ([, node]) => [node.type].flat().includes('object') && node.additionalProperties !== false && node.if === undefined,
    );
    expect(open.map(([path]) => path.replace(/\/patternProperties\/[^/]*\//, '/*/'))).toEqual([
      '#/$defs/configuration/properties/contracts/*/properties/sla/properties/latency',
      '#/properties/global',
    ]);
  });

  test("has no pattern that Go's regexp cannot read, and no propertyNames, of which Helm tells a wrong place", () => {
    // One judgement of them all: there are thousands.
    const nodes = [...schemasIn(schema)];
    const patterns = ({ pattern, patternProperties }: JsonSchema) => [String(pattern), ...Object.keys((patternProperties as object) ?? {})];
    const wrong = nodes.filter(
      ([path, node]) => patterns(node).some((one) => /\(\?[=!<]/.test(one)) || (!path.endsWith('/properties') && 'propertyNames' in node),
    );
    expect(nodes.length).toBeGreaterThan(500);
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  test('takes a configuration that Plumbline takes, and refuses a slip in it', () => {
    const full = parse(readFileSync(join(root, 'config/full.yaml'), 'utf8')) as object;
    expect(accepts({ ...values, standalone: { ...values.standalone, config: full } })).toBe(true);
    expect(accepts({ ...values, standalone: { ...values.standalone, config: { ...full, listener: {} } } })).toBe(false);
  });

  test('takes `off` as Helm reads it, without quotes', () => {
    expect(accepts({ ...values, sidecar: { ...values.sidecar, log: false } })).toBe(true);
    expect(accepts({ ...values, sidecar: { ...values.sidecar, log: true } })).toBe(false);
  });
});

test('version and image are those of the program', () => {
  expect(parse(text('Chart.yaml'))).toMatchObject({ version: manifest.version, appVersion: manifest.version });
  expect(parse(files['helm/examples/billing/Chart.yaml'] ?? '')).toMatchObject({ dependencies: [{ version: manifest.version }] });
  expect(`${values.image.repository}:${manifest.version}`).toBe(DEFAULT_IMAGE);
});

test('the example has the contract of examples/billing', () => {
  expect(files['helm/examples/billing/openapi.yaml']).toBe(readFileSync(join(root, 'examples/billing/openapi.yaml'), 'utf8'));
});

test('comments are wrapped at words', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapped('longer-than-that one', 7)).toEqual(['longer-than-that', 'one']);
});
