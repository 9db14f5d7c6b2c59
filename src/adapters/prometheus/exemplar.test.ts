import { describe, expect, it } from 'vitest';
import { createPrometheus } from './prometheus.ts';
import { readExposition } from './testing/exposition.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const duration = { type: 'histogram', name: 'duration_seconds', help: 'x', labels: ['operation'], buckets: [0.1, 1, 10] } as const;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function observed(...values: ReadonlyArray<readonly [value: number, spanId?: string]>) {
  const p = createPrometheus({ limits: { operations: 300, consumers: 50, versionsPerConsumer: 3, lines: 5000 }, processMetrics: [] });
  const cell = p.meter.histogram(duration).with('say "hi" # {a="b"} 1 2');
  for (const [value, spanId] of values) cell.observe(value, spanId === undefined ? undefined : { traceId: TRACE, spanId });
  return p;
}

/** `le` and exemplar of each bucket, as OpenMetrics prints them. */
async function buckets(p: ReturnType<typeof observed>) {
  const { body } = await p.scrape(OPENMETRICS);
  return readExposition(body)
    .samples.filter(({ name }) => name.endsWith('_bucket'))
    .map(({ labels, exemplar }) => [labels.le, exemplar?.labels.span_id, exemplar?.value]);
}

describe('exemplars', () => {
  it('stand at the bucket that the observation fell into, the last one of each', async () => {
    const p = observed([0.1, '1'.repeat(16)], [0.05, SPAN], [5, '2'.repeat(16)], [50, '3'.repeat(16)]);
    expect(await buckets(p)).toEqual([
      ['0.1', SPAN, 0.05],
      ['1', undefined, undefined],
      ['10', '2'.repeat(16), 5],
      ['+Inf', '3'.repeat(16), 50],
    ]);
  });

  it('say trace, span, value and when; within the 128 characters that there may be', async () => {
    const before = Date.now() / 1000;
    const { body } = await observed([0.043, SPAN]).scrape(OPENMETRICS);
    const exemplar = readExposition(body).samples.find((sample) => sample.exemplar !== undefined)?.exemplar;
    expect(exemplar).toMatchObject({ labels: { trace_id: TRACE, span_id: SPAN }, value: 0.043 });
    expect(exemplar?.timestamp).toBeGreaterThanOrEqual(before);
    expect(exemplar?.timestamp).toBeLessThanOrEqual(Date.now() / 1000);
    expect(
      Object.entries(exemplar?.labels ?? {})
        .flat()
        .join('').length,
    ).toBeLessThanOrEqual(128);
    expect(body).toContain(` 1 # {trace_id="${TRACE}",span_id="${SPAN}"} 0.043 `);
  });

  it('stay when observations without one follow', async () => {
    expect(await buckets(observed([0.05, SPAN], [0.07], [0.5]))).toEqual([
      ['0.1', SPAN, 0.05],
      ['1', undefined, undefined],
      ['10', undefined, undefined],
      ['+Inf', undefined, undefined],
    ]);
  });

  it('are nowhere in text 0.0.4, whose series are the same, before and after', async () => {
    const p = observed([0.05, SPAN], [5, SPAN]);
    const [first, open, second] = [await p.scrape(undefined), await p.scrape(OPENMETRICS), await p.scrape(undefined)];
    expect([first.body.includes('trace_id'), open.body.includes('trace_id'), second.body]).toEqual([false, true, first.body]);
    const bare = ({ exemplar: _, ...sample }: ReturnType<typeof readExposition>['samples'][number]) => sample;
    expect(readExposition(open.body).samples.map(bare)).toEqual(readExposition(first.body).samples);
  });

  it('of what makes no sense are not kept', async () => {
    expect((await buckets(observed([Number.NaN, SPAN], [Number.POSITIVE_INFINITY, SPAN]))).filter(([, id]) => id !== undefined)).toEqual(
      [],
    );
  });
});
