import { describe, expect, it } from 'vitest';
import { expressionsFor, substitute } from './substitute.ts';

const rate = 'rate(a{api=~"$api"}[$__rate_interval])';

describe('Grafana’s variables in an expression', () => {
  it('are All where nothing is chosen, and four scrapes', () => {
    const panel = { targets: [{ expr: rate, legend: 'a' }] };
    expect(expressionsFor(panel, { interval: '15s' })).toEqual([{ legend: 'a', expr: 'rate(a{api=~".*"}[60000ms])' }]);
  });

  it.each([
    ['15s', undefined, '60000ms'],
    ['15s', '1m', '75000ms'],
    ['500ms', '500ms', '2000ms'],
    ['1m', '15s', '240000ms'],
  ])('a scrape each %s and a step of %s make a range of %s', (interval, step, range) => {
    expect(substitute('[$__rate_interval]', step === undefined ? { interval } : { interval, step })).toBe(`[${range}]`);
  });

  it('are escaped for the expression and for its string, one alone and several', () => {
    const chosen = (...values: string[]) => substitute('$api', { interval: '15s', chosen: { api: values } });
    expect(chosen('billing')).toBe('billing');
    expect(chosen('a.b')).toBe('a\\\\.b');
    expect(chosen('a', 'b|c')).toBe('(a|b\\\\|c)');
    expect(chosen('a\\b')).toBe('a\\\\\\\\b');
  });

  it('of Grafana’s own others are refused, and so is an interval that is none', () => {
    expect(() => substitute('$__range', { interval: '15s' })).toThrow(/\$__range is not known/);
    for (const interval of ['', '0s', '15', 'fast']) expect(() => substitute(rate, { interval })).toThrow(/is no interval/);
  });
});
