import { describe, expect, it } from 'vitest';
import { Issues } from '../../core/schema.ts';
import { rateLimitSchema } from './config.ts';

function parsed(written: unknown) {
  const issues = new Issues();
  const value = rateLimitSchema.parse(written, [], issues);
  return { value, faults: issues.list.map(({ code, path }) => `${code} ${path.join('.')}`) };
}

describe('policies.rateLimit', () => {
  it('RL-1: has these defaults', () => {
    expect(parsed([{ name: 'a', rate: 5 }]).value).toEqual([
      {
        name: 'a',
        rate: 5,
        perMs: 1000,
        burst: 5,
        key: ['consumer'],
        shadow: false,
        mode: 'refuse',
        queue: 100,
        onStoreError: 'local',
        legacyHeaders: false,
      },
    ]);
  });

  it.each([
    [[], 'too_few'],
    [[{ name: 'a', rate: 0 }], '0.rate'],
    [[{ name: 'a', rate: 1, burst: 0 }], '0.burst'],
    [[{ name: 'a"b', rate: 1 }], '0.name'],
    [[{ name: 'a', rate: 1, key: 'tenant' }], '0.key'],
    [[{ name: 'a', rate: 1, key: 'header:a b' }], '0.key'],
    [[{ name: 'a', rate: 1, key: [] }], '0.key'],
    [
      [
        { name: 'a', rate: 1 },
        { name: 'a', rate: 2 },
      ],
      'duplicate_name 1.name',
    ],
    [[{ name: 'a', rate: 1, mode: 'queue', shadow: true }], 'shadow_queue 0.mode'],
  ])('RL-1: refuses %j', (written, expected) => {
    const { faults } = parsed(written);
    expect(faults).toHaveLength(1);
    if (expected !== 'too_few') expect(faults[0]).toContain(expected);
  });

  it('RL-1: a name that is there twice is told beside what else is wrong', () => {
    const again = { name: 'a', rate: 0, mode: 'queue', shadow: true };
    const { faults } = parsed([{ name: 'a', rate: 1 }, again]);
    expect(faults).toHaveLength(3);
    expect(faults.join()).toMatch(/duplicate_name 1.name.*shadow_queue 1.mode/);
  });
});
