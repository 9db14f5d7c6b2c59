import { expect, test } from 'vitest';
import { parseExposition, sumOf } from '../../loadtests/lib/exposition.ts';

const TEXT = `# HELP a_total Things.
# TYPE a_total counter
a_total{api="x",rule="type"} 3
a_total{api="y",rule="type"} 4
a_total{api="y",rule="a \\"}\\" \\\\ b"} 5
a_total_other 7
b 1.5e+3 1700000000000
`;

test('sums every series that has the labels, and no other metric', () => {
  const samples = parseExposition(TEXT);
  expect(samples).toHaveLength(5);
  expect(sumOf(samples, 'a_total')).toBe(12);
  expect(sumOf(samples, 'a_total', { rule: 'type' })).toBe(7);
  expect(sumOf(samples, 'a_total', { rule: 'type', api: 'y' })).toBe(4);
  expect(sumOf(samples, 'a_total', { rule: 'a "}" \\ b' })).toBe(5);
  expect(sumOf(samples, 'a_total', { owner: 'z' })).toBe(0);
  expect(sumOf(samples, 'b')).toBe(1500);
  expect(sumOf(samples, 'c')).toBe(0);
});
