/** JSON Schema's own tests, held against the engine: every required one of 2020-12, and of draft 4 what OpenAPI 3.0 has of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ABSENT, groups, judge, type Settings, type SuiteGroup } from './suite.ts';

/** Draft 4 files whose keywords OpenAPI 3.0 has (3.0.4 §4.7.24); `ref` and the remote ones as far as references are JSON References. */
const OF_30 = [
  [
    'additionalProperties',
    'allOf',
    'anyOf',
    'default',
    'enum',
    'format',
    'infinite-loop-detection',
    'items',
    'maximum',
    'maxItems',
    'maxLength',
  ],
  [
    'maxProperties',
    'minimum',
    'minItems',
    'minLength',
    'minProperties',
    'multipleOf',
    'not',
    'oneOf',
    'pattern',
    'properties',
    'ref',
    'refRemote',
  ],
  ['required', 'type', 'uniqueItems'],
].flat();

/** Groups of the suite that the page on OpenAPI names as not judged: `suite | file | group`. */
const documented = readFileSync(new URL('../../docs/openapi.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| (draft4|draft2020-12) \| (\S+) \| (.*?) \| /.exec(line.replaceAll('`', ''))?.slice(1).join(' | ') ?? []);

interface Result {
  readonly tests: number;
  /** Verdicts that are not the suite's, one line each. */
  readonly wrong: readonly string[];
  /** Groups of which one test at least got no verdict. */
  readonly skipped: readonly string[];
  /** Tests that were not skipped. */
  readonly right: number;
}

async function run(suite: string, all: readonly SuiteGroup[], settings: Settings): Promise<Result> {
  const wrong: string[] = [];
  const skipped = new Set<string>();
  let right = 0;
  let tests = 0;
  for (const group of all) {
    const name = `${suite} | ${group.file} | ${group.description}`;
    for (const [i, verdict] of (await judge(group, settings)).entries()) {
      tests += 1;
      const said = verdict.interpreted === verdict.compiled ? verdict.compiled : `${verdict.interpreted}, compiled ${verdict.compiled}`;
      if (said === verdict.right) right += 1;
      else if (/^(skipped|refused)[^,]*$/.test(said)) skipped.add(name);
      else wrong.push(`${name} | ${group.tests[i]?.description}: ${said}, not ${verdict.right}`);
    }
  }
  return { tests, wrong, skipped: [...skipped].sort(), right };
}

const listed = (suite: string): string[] => documented.filter((line) => line.startsWith(`${suite} |`)).sort();

if (ABSENT !== undefined) console.warn(`\n!!! ${ABSENT}\n`);

describe('JSON-Schema-Test-Suite', () => {
  it.skipIf(ABSENT !== undefined)(ABSENT ?? 'required tests of 2020-12, interpreted and compiled', async () => {
    const { tests, wrong, skipped, right } = await run('draft2020-12', groups('draft2020-12'), { version: '3.1', formats: 'annotate' });
    expect(wrong).toEqual([]);
    expect(skipped).toEqual(listed('draft2020-12'));
    expect(tests).toBeGreaterThan(1200);
    expect(right / tests).toBeGreaterThanOrEqual(0.995);
  });

  it.skipIf(ABSENT !== undefined)(ABSENT ?? 'draft 4 as OpenAPI 3.0 has it', async () => {
    const all = groups('draft4', OF_30);
    const exceptions = new Set(listed('draft4'));
    const { wrong, skipped } = await run('draft4', all, { version: '3.0', formats: 'annotate' });
    expect(wrong).toEqual([]);
    expect(skipped).toEqual([...exceptions]);
    // What is left are groups that use keywords which 3.0 has: none of them may fail.
    const kept = all.filter((group) => !exceptions.has(`draft4 | ${group.file} | ${group.description}`));
    expect(kept.reduce((sum, { tests }) => sum + tests.length, 0)).toBeGreaterThan(400);
    for (const group of all)
      if (!kept.includes(group))
        expect(JSON.stringify(group.schema), group.description).toMatch(/"id":|"items":\[|draft-04|\/draft4\/|"\$ref":"#foo"/);
  });

  it.skipIf(ABSENT !== undefined)(
    ABSENT ?? 'optional tests of 2020-12: nothing is misjudged but what it leaves to implementations',
    async () => {
      const all = groups('draft2020-12/optional').filter(({ file }) => !['dependencies-compatibility', 'format-assertion'].includes(file));
      const { wrong, tests } = await run('optional', all, { version: '3.1', formats: 'annotate' });
      expect(wrong).toEqual([]);
      expect(tests).toBeGreaterThan(100);
    },
  );

  it.skipIf(ABSENT !== undefined)(ABSENT ?? 'formats: no false alarm', async () => {
    const { wrong, tests } = await run('format', groups('draft2020-12/optional/format'), { version: '3.1', formats: 'assert' });
    expect(wrong.filter((line) => line.endsWith('not valid'))).toEqual([]);
    // Misses are of formats that are not asserted, or of rules beyond the usual form of one.
    const missed = new Set(wrong.map((line) => line.split(' | ')[1]));
    const asserted = [
      'ipv4',
      'ipv6',
      'date',
      'time',
      'email',
      'uuid',
      'json-pointer',
      'relative-json-pointer',
      'regex',
      'uri-template',
      'ecmascript-regex',
    ];
    expect(asserted.filter((name) => missed.has(name))).toEqual([]);
    expect(tests).toBeGreaterThan(700);
  });
});
