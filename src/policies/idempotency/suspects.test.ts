import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { Suspects } from './suspects.ts';

const hash = (n: number): string => createHash('sha256').update(String(n)).digest('hex');

it('knows what was there within the last minute, and nothing else', () => {
  const clock = new FakeClock();
  const suspects = new Suspects(clock);
  expect([suspects.seen(hash(1)), suspects.seen(hash(2)), suspects.seen(hash(1))]).toEqual([false, false, true]);
  clock.advance(59_999);
  expect(suspects.seen(hash(1))).toBe(true);
  clock.advance(60_000);
  expect(suspects.seen(hash(1))).toBe(false);
});

it('makes none up, however many come; of those that share a slot it forgets the older', () => {
  const suspects = new Suspects(new FakeClock());
  for (let n = 0; n < 20_000; n++) expect(suspects.seen(hash(n))).toBe(false);
  expect([suspects.seen(hash(19_999)), suspects.seen(hash(0))]).toEqual([true, false]);
  expect([suspects.seen('abc0000000000001'), suspects.seen('abc0000000000002'), suspects.seen('abc0000000000001')]).toEqual([
    false,
    false,
    false,
  ]);
});
