import { describe, expect, it } from 'vitest';
import { Issues } from '../../core/schema.ts';
import { retrySchema } from './config.ts';

function read(value: unknown) {
  const issues = new Issues();
  const config = retrySchema.parse(value, ['retry'], issues);
  return { config, problems: issues.list.map(({ path, code }) => `${path.join('.')} ${code}`) };
}

describe('policies.retry', () => {
  it('DF-2: what `retry: {}` switches on', () => {
    expect(read({})).toEqual({
      config: {
        attempts: 2,
        on: ['connect', 'reset', 'timeout', '408', '429', '502', '503', '504'],
        keepBytes: 65_536,
        upstreamHonoursKey: false,
        backoff: { baseMs: 25, maxMs: 250 },
        budget: { ratio: 0.2, minPerSecond: 10 },
      },
      problems: [],
    });
  });

  it('RT-3: statuses are numbers or words, and none but these', () => {
    expect(read({ on: [500, '503', 'connect'] })).toMatchObject({ config: { on: ['500', '503', 'connect'] }, problems: [] });
    expect(read({ on: [501] }).problems).toHaveLength(1);
    expect(read({ on: [404] }).problems).toHaveLength(1);
  });

  it('RT-6: a first pause that is longer than the longest is refused', () => {
    expect(read({ backoff: { base: '300ms' } }).problems).toEqual(['retry.backoff base_over_max']);
    expect(read({ backoff: { base: '250ms' } }).problems).toEqual([]);
  });

  it.each([{ attempts: 0 }, { attempts: 11 }, { attempts: 1.5 }, { budget: { ratio: -0.1 } }, { keepBytes: '17MiB' }, { backof: {} }])(
    '%j is refused',
    (value) => {
      expect(read(value).problems).toHaveLength(1);
    },
  );
});
