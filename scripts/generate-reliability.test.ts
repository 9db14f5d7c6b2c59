import { describe, expect, it } from 'vitest';
import { type Fault, fallback, gets, refused, whole } from '../test/faults/live/fault.ts';
import { generate, reliabilityPage } from './generate-reliability.ts';

const fault: Fault = {
  id: 'one',
  what: 'A | B',
  promise: 'EV-7: something',
  upstream: [],
  client: [],
  expect: { plain: gets(whole(), 1), post: gets(whole(), 1), fallback: gets(fallback(503), 2, { circuit: 'open', attempts: 3 }) },
};

const rows = (page: string): string[] => page.split('\n').filter((line) => line.includes('`one`'));

describe('the page of faults', () => {
  it('has a row for each fault, with what its tests assert, by configuration', () => {
    expect(rows(reliabilityPage([{ title: 'T', faults: [fault] }]))).toEqual([
      '| A \\| B | EV-7: something | `one` | **plain, post**: 200; upstream asked once<br>**fallback**: 203 from the fallback (instead of 503); upstream asked twice; 3 tries; circuit open |',
    ]);
  });

  it('says what a test would say: another promise is another row', () => {
    const other = { ...fault, expect: { plain: gets(refused('UPSTREAM_RESET'), 1) } };
    expect(rows(reliabilityPage([{ title: 'T', faults: [other] }]))[0]).toContain('**plain**: 502 UPSTREAM_RESET; upstream asked once');
  });

  it('refuses two faults of one name, and one of which nothing is promised', () => {
    expect(() => reliabilityPage([{ title: 'T', faults: [fault, fault] }])).toThrow('two faults are called one');
    expect(() => reliabilityPage([{ title: 'T', faults: [{ ...fault, expect: {} }] }])).toThrow('nothing is promised of one');
  });

  it('has every fault of the catalogue', () => {
    expect(generate()['docs/reliability.md']).toMatch(/\n[1-9]\d+ faults, [1-9]\d\d tests\.\n/);
  });
});
