import { expect, test } from 'vitest';
import { readOptions } from './options.ts';
import type { CaseName, RowName } from './plan.ts';
import { BEGIN, END, type Measurement, markdown, median, type Outcome, putBetweenMarks, voids } from './table.ts';

const measured = (row: RowName, name: CaseName, round: number, cpuUsPerRequest: number, faults: readonly string[] = []): Measurement => ({
  row,
  case: name,
  round,
  cpuUsPerRequest,
  faults,
  load: { requests: 1000, perSecond: 28_053.4 + round, p50Ms: 2.214, p99Ms: 12.04, socketErrors: 0, badAnswers: 0 },
  steady: { requests: 2200, perSecond: 1000, p50Ms: 0.5 + round / 10, p99Ms: 1.5, socketErrors: row === 'nginx' ? 3 : 0, badAnswers: 0 },
});

const outcome: Outcome = {
  machine: { node: 'v26.10.0', cpu: 'Some CPU', cores: 2, kernel: '6.1', load: 'wrk 4.1.0', at: '2026-11-21T10:00:00.000Z' },
  rounds: 3,
  seconds: 4,
  cases: ['get1k', 'post1k'],
  rows: ['floor', 'report', 'nginx', 'prism'],
  direct: [{ case: 'get1k', round: 1, steady: { requests: 2200, perSecond: 1000, p50Ms: 0.2, p99Ms: 1, socketErrors: 0, badAnswers: 0 } }],
  skipped: { prism: 'npm ci failed: no|network' },
  versions: { nginx: '1.22.1' },
  measurements: [
    measured('floor', 'get1k', 1, 30),
    measured('floor', 'get1k', 2, 20),
    measured('floor', 'get1k', 3, 25),
    measured('report', 'get1k', 1, 50),
    measured('nginx', 'get1k', 1, 12.5),
    measured('floor', 'post1k', 1, 40),
    measured('report', 'post1k', 1, 50),
    measured('report', 'post1k', 2, 50, ['7 response checks skipped', '2 socket errors']),
  ],
};

test('the table has the medians, the ratio to the floor, what was skipped and what is void', async () => {
  await expect(`${markdown(outcome)}\n`).toMatchFileSnapshot('golden/table.txt');
  expect(voids(outcome)).toEqual(['report, POST, 1 KB sent and 1 KB answered, round 2: 7 response checks skipped; 2 socket errors']);
});

test('medians of odd, even and no values', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
});

test('a page gets the table between its marks and nowhere else', () => {
  expect(putBetweenMarks(`# Page\n${BEGIN}\nold\n${END}\nrest`, 'new')).toBe(`# Page\n${BEGIN}\n\nnew\n\n${END}\nrest`);
  expect(() => putBetweenMarks('# Page', 'new')).toThrow('the page has no');
});

test('options: rows in their order, quick as documented, mistakes with what is allowed', () => {
  expect(readOptions(['--rows', 'nginx,floor', '--cases', 'post1k', '--rounds', '2'])).toEqual({
    rows: ['floor', 'nginx'],
    cases: ['post1k'],
    rounds: 2,
    seconds: 3,
    write: false,
  });
  expect(readOptions(['--quick'])).toMatchObject({ rows: ['floor', 'off', 'report', 'enforce', 'policies'], rounds: 1, seconds: 2 });
  expect(() => readOptions(['--rows', 'flor'])).toThrow('--rows: there is no "flor"; known are floor, off,');
  expect(() => readOptions(['--seconds', '0'])).toThrow('--seconds: 0 is not a whole number from 1 to 600');
});
