import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { root } from './lint/tree.ts';
import { line, total } from './mutants.ts';
import { copyTree } from './mutants/copy.ts';
import { FOLDER, readCorpus } from './mutants/corpus.ts';
import { applyMutant, parseMutant } from './mutants/mutant.ts';
import { notGreen, verdictOf } from './mutants/tests.ts';
import { tryMutant, tryWithout } from './mutants/trial.ts';

const never = new AbortController().signal;
const base = realpathSync(mkdtempSync(join(tmpdir(), 'plumbline-mutants-test-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const HEADER = 'title: sums are differences\nrule: sums\ntests: src/sum.test.ts\n\n';
const diff = (...body: readonly string[]): string => `--- a/src/sum.ts\n+++ b/src/sum.ts\n@@ -1,3 +1,3 @@\n${body.join('\n')}\n`;
const GOOD = HEADER + diff(' // sums', '-export const sum = (a, b) => a + b;', '+export const sum = (a, b) => a - b;');

describe('a mutant', () => {
  it('is a patch of one line of src, with what goes wrong, the rule, and the tests', () => {
    expect(parseMutant('sums', GOOD)).toMatchObject({
      name: 'sums',
      title: 'sums are differences',
      rule: 'sums',
      tests: ['src/sum.test.ts'],
      file: 'src/sum.ts',
    });
    const asGitWritesIt = GOOD.replace('--- a', 'diff --git a/src/sum.ts b/src/sum.ts\nindex 1..2 100644\n--- a');
    expect(parseMutant('sums', asGitWritesIt)).toEqual(parseMutant('sums', GOOD));
  });

  it.each([
    ['nothing', '', 'says nothing of its title'],
    ['no diff', HEADER, 'says nothing of its title'],
    ['no rule', GOOD.replace('rule: sums\n', ''), 'says nothing of its rule'],
    ['a key too many', `author: x\n${GOOD}`, 'knows title, rule, tests alone'],
    ['prose in its header', `Hello.\n${GOOD}`, 'does not understand: Hello.'],
    ['a file outside of src', GOOD.replaceAll('src/sum.ts', 'test/sum.ts'), 'has no line `--- a/src/….ts`'],
    ['two files', `${GOOD}${diff('-a', '+b')}`, 'has no hunk, or more than one'],
    ['two hunks', `${GOOD}@@ -9,1 +9,1 @@\n-a\n+b\n`, 'has no hunk, or more than one'],
    ['a line that goes', HEADER + diff(' a', '-b'), 'must take one line away'],
    ['a line that comes', HEADER + diff(' a', '+b'), 'must take one line away'],
    ['two lines', HEADER + diff('-a', '-b', '+c'), 'must take one line away'],
    ['lines in two places', HEADER + diff('-a', ' b', '+c'), 'must take one line away'],
    ['white space', HEADER + diff('-a', '+  a'), 'changes nothing but white space'],
  ])('is not %s', (_, text, why) => {
    expect(() => parseMutant('bad', text)).toThrow(`bad.patch: ${why}`);
  });

  it('fits lines that have moved, and none that have changed, or that stand twice', () => {
    const mutant = parseMutant('sums', GOOD);
    const lines = '// sums\nexport const sum = (a, b) => a + b;\n';
    expect(applyMutant(mutant, lines)).toBe('// sums\nexport const sum = (a, b) => a - b;\n');
    expect(applyMutant(mutant, `\n\n${lines}more\n`)).toBe('\n\n// sums\nexport const sum = (a, b) => a - b;\nmore\n');
    expect(() => applyMutant(mutant, lines.replace('sums', 'Sums'))).toThrow('sums.patch: src/sum.ts has changed there');
    expect(() => applyMutant(mutant, lines + lines)).toThrow('sums.patch: its lines stand 2 times in src/sum.ts');
  });

  it('fits though an editor took the space of an empty line away', () => {
    const mutant = parseMutant('sums', HEADER + diff('', '-a', '+b'));
    expect(applyMutant(mutant, 'x\n\na\n')).toBe('x\n\nb\n');
  });
});

describe('what a run of tests came to', () => {
  const file = (name: string, ...statuses: readonly string[]) => ({
    name: `/tree/src/${name}`,
    status: statuses.every((status) => status === 'passed') && statuses.length > 0 ? 'passed' : 'failed',
    message: statuses.length > 0 ? '' : 'SyntaxError: no\n at x',
    assertionResults: statuses.map((status, i) => ({ status, fullName: `test ${i}` })),
  });
  const report = (...testResults: ReadonlyArray<ReturnType<typeof file>>) => ({
    success: testResults.every(({ status }) => status === 'passed'),
    testResults,
  });

  it.each([
    ['a failed test', report(file('a', 'passed', 'failed')), { is: 'red', test: 'test 1' }],
    ['a failed test beside a file that does not load', report(file('a'), file('b', 'failed')), { is: 'red', test: 'test 0' }],
    [
      'a file that does not load',
      report(file('a', 'passed'), file('b')),
      { is: 'broken', why: 'a test file does not load: SyntaxError: no' },
    ],
    ['nothing wrong', report(file('a', 'passed')), { is: 'green' }],
    ['no file', report(), { is: 'broken', why: 'no test ran' }],
    ['an error outside of all tests', { ...report(file('a', 'passed')), success: false }, { is: 'broken', why: expect.any(String) }],
  ])('%s', (_, given, expected) => {
    expect(verdictOf(given)).toEqual(expected);
  });

  it('by file', () => {
    const found = notGreen(report(file('a', 'passed'), file('b', 'failed'), file('c')), '/tree');
    expect([...found]).toEqual([
      ['src/b', 'test 0'],
      ['src/c', 'a test file does not load: SyntaxError: no'],
    ]);
  });
});

test('a line for each mutant, and a sum', () => {
  expect(line('a-name', { outcome: 'SURVIVED', by: 'what goes wrong' }, 1234)).toMatch(/^SURVIVED a-name +1\.2 s {2}what goes wrong$/);
  expect(total(['killed', 'killed'])).toBe('2 killed, 0 survived');
  expect(total(['killed', 'SURVIVED', 'ERROR'])).toBe('1 killed, 1 survived, 1 in error');
});

describe('the mutants of this tree', () => {
  const { mutants, faults } = readCorpus(root);

  it('all fit the sources as they are, and no two are alike', () => {
    expect([...faults.values()]).toEqual([]);
  });

  it('are at least forty', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
  });
});

describe('a tree with mutants', () => {
  const tree = join(base, 'tree');
  const FILES: Readonly<Record<string, string>> = {
    'src/sum.ts': '// sums\nexport const sum = (a, b) => a + b;\nexport const unused = 1;\nexport const used = JSON.parse("1");\n',
    'src/sum.test.ts':
      "import { expect, test } from 'vitest';\nimport { sum } from './sum.ts';\ntest('one and one', () => expect(sum(1, 1)).toBe(2));\n",
    'src/red.test.ts': "import { expect, test } from 'vitest';\ntest('red', () => expect(1).toBe(2));\n",
    [`${FOLDER}/killed.patch`]: GOOD,
    [`${FOLDER}/survives.patch`]: HEADER.replace('sums are', 'nobody') + diff('-export const unused = 1;', '+export const unused = 2;'),
    [`${FOLDER}/fails.patch`]:
      HEADER.replace('sums are', 'all') + diff('-export const used = JSON.parse("1");', '+export const used = JSON.parse("");'),
    [`${FOLDER}/again.patch`]: GOOD,
    [`${FOLDER}/strange.patch`]: GOOD.replace('// sums', '// Sums'),
    [`${FOLDER}/untested.patch`]: GOOD.replace('src/sum.test.ts', 'src/none.test.ts'),
  };
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
  const copy = join(base, 'copy');
  copyTree(Object.keys(FILES), tree, join(root, 'node_modules'), copy);
  const { mutants, faults } = readCorpus(copy);

  it('tells those that cannot be run by name, and why', () => {
    expect(Object.fromEntries(faults)).toEqual({
      killed: 'killed.patch: is again again',
      strange: expect.stringContaining('has changed there'),
      untested: 'untested.patch: there is no src/none.test.ts',
    });
  });

  it('tells which are seen by a test, which by none, and which load no more; and leaves the sources as they were', async () => {
    const outcomes: Record<string, unknown> = {};
    for (const mutant of mutants) outcomes[mutant.name] = await tryMutant(mutant, copy, 'named', never);
    expect(outcomes).toEqual({
      again: { outcome: 'killed', by: 'one and one' },
      survives: { outcome: 'SURVIVED', by: 'nobody differences' },
      fails: { outcome: 'ERROR', by: expect.stringContaining('a test file does not load') },
    });
    expect(readFileSync(join(copy, 'src/sum.ts'), 'utf8')).toBe(FILES['src/sum.ts']);
  }, 60_000);

  it('tells the tests that are red without any', async () => {
    const red = await tryWithout(['src/sum.test.ts', 'src/red.test.ts'], copy, never);
    expect(red).toEqual(new Map([['src/red.test.ts', 'red']]));
  }, 60_000);
});
