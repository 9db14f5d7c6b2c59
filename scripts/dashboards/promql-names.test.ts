import { describe, expect, it } from 'vitest';
import { namesIn } from './promql-names.ts';

describe('what an expression names', () => {
  it('selectors with matchers, range and what they stand in', () => {
    const { selectors } = namesIn('topk(5, sum by (api) (rate(a_total{code!="",api=~"$api"}[$__rate_interval]))) or vector(0)');
    expect(selectors).toEqual([
      {
        metric: 'a_total',
        matchers: [
          { label: 'code', operator: '!=', value: '' },
          { label: 'api', operator: '=~', value: '$api' },
        ],
        range: '$__rate_interval',
        inside: ['topk', 'sum', 'rate'],
      },
    ]);
  });

  it('knows metrics from functions, aggregations, operators and numbers', () => {
    const { selectors, calls } = namesIn('2 * max(a) > bool 1e3 and on (x) count without (y) (b) or time() - c unless d');
    expect(selectors.map(({ metric }) => metric)).toEqual(['a', 'b', 'c', 'd']);
    expect(calls.map(({ name }) => name)).toEqual(['max', 'count', 'time']);
  });

  it('groupings, before and behind their arguments, and labels that are made', () => {
    const { groupings, made, calls } = namesIn(
      'histogram_quantile(0.9, sum(rate(b[1m])) by (le, api)) * on (api) group_left (owner) label_replace(max by (x) (c{y="(,"}), "made", "v", "", "")',
    );
    expect(groupings).toEqual(['le', 'api', 'api', 'owner', 'x']);
    expect(made).toEqual(['made']);
    expect(calls.find(({ name }) => name === 'histogram_quantile')?.keeps).toEqual(['le', 'api']);
  });

  it('does not take le for kept where another quantile keeps it', () => {
    const { calls } = namesIn('histogram_quantile(0.9, sum(a)) + histogram_quantile(0.9, sum by (le) (a))');
    expect(calls.filter(({ name }) => name === 'histogram_quantile').map(({ keeps }) => keeps)).toEqual([[], ['le']]);
  });
});
