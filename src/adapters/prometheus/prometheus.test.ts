import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { MAX_LABEL_LENGTH } from './label-value.ts';
import { PROCESS_LINES, PROCESS_METRICS } from './process-metrics.ts';
import type { CounterSpec } from '../../core/ports.ts';
import { type Prometheus, createPrometheus } from './prometheus.ts';
import { type Exposition, readExposition, seriesKey } from './testing/exposition.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const LIMITS = { operations: 300, consumers: 50, versionsPerConsumer: 3, lines: 5000 };

function registry(limits: Partial<typeof LIMITS> = {}): Prometheus {
  return createPrometheus({ limits: { ...LIMITS, ...limits }, processMetrics: [] });
}

const text = async (p: Prometheus): Promise<Exposition> => readExposition((await p.scrape(undefined)).body);
const open = async (p: Prometheus): Promise<Exposition> => readExposition((await p.scrape(OPENMETRICS)).body);
const keys = (e: Exposition): string[] => e.samples.map(seriesKey).sort();

async function value(p: Prometheus, name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const wanted = (await text(p)).samples.filter(
    (s) => s.name === `plumbline_${name}` && Object.entries(labels).every(([k, v]) => s.labels[k] === v),
  );
  return wanted.length === 0 ? undefined : wanted.reduce((sum, s) => sum + s.value, 0);
}

const requests = { type: 'counter', name: 'requests_total', help: 'Requests.', labels: ['api', 'operation'] } as const;
const byConsumer = { type: 'counter', name: 'consumer_requests_total', help: 'x', labels: ['consumer', 'consumer_version'] } as const;
const duration = { type: 'histogram', name: 'duration_seconds', help: 'x', labels: ['operation'], buckets: [0.005, 0.1, 1, 10] } as const;
const inFlight = { type: 'gauge', name: 'in_flight', help: 'x', labels: [] } as const;

function filled(): Prometheus {
  const p = registry();
  p.meter.counter(requests).with('billing', 'createPayment').inc(3);
  const h = p.meter.histogram(duration).with('createPayment');
  for (const v of [0.005, 0.006, 5, 50]) h.observe(v);
  p.meter.gauge(inFlight).with().inc(2);
  p.setBuildInfo({ version: '0.1.0', revision: 'abc', node: '26.10.0' });
  return p;
}

describe('the two formats', () => {
  it('give the same series as text, as OpenMetrics, and as text again', async () => {
    const p = createPrometheus({ limits: LIMITS });
    p.meter.counter(requests).with('billing', 'a').inc();
    p.meter.histogram(duration).with('a').observe(1);
    await p.scrape(undefined); // The library fills event loop and GC series from the second scrape on.
    const first = keys(await text(p));
    const second = keys(await open(p));
    const third = keys(await text(p));
    const settled = (all: string[]): string[] => all.filter((k) => !/nodejs_(gc|active)/.test(k));
    expect(settled(second)).toEqual(settled(first));
    expect(settled(third)).toEqual(settled(first));
    expect(first.length).toBeGreaterThan(50);
  });

  it('name counters with _total in samples, and the OpenMetrics family without it', async () => {
    const p = filled();
    for (const e of [await text(p), await open(p), await text(p)]) {
      expect(e.samples.find((s) => s.name === 'plumbline_requests_total')?.value).toBe(3);
    }
    expect((await text(p)).types.get('plumbline_requests_total')).toBe('counter');
    expect((await open(p)).types.get('plumbline_requests')).toBe('counter');
  });

  it('end OpenMetrics with EOF and say what they are', async () => {
    const p = filled();
    const om = await p.scrape(OPENMETRICS);
    expect(om.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(om.body.endsWith('\n# EOF\n')).toBe(true);
    const plain = await p.scrape('text/plain');
    expect(plain.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(plain.body).not.toContain('# EOF');
  });

  it('count a histogram cumulatively, bounds included, with +Inf, sum and count', async () => {
    for (const read of [text, open]) {
      const own = (await read(filled())).samples.filter((s) => s.name.startsWith('plumbline_duration_seconds'));
      expect(own.map((s) => [s.name.slice('plumbline_duration_seconds'.length), s.labels.le, s.value])).toEqual([
        ['_bucket', '0.005', 1],
        ['_bucket', '0.1', 2],
        ['_bucket', '1', 2],
        ['_bucket', '10', 3],
        ['_bucket', '+Inf', 4],
        ['_sum', undefined, 55.011],
        ['_count', undefined, 4],
      ]);
    }
  });
});

describe('families', () => {
  it('are the same when asked for twice, and refuse a contradiction', () => {
    const { meter } = registry();
    expect(meter.counter(requests)).toBe(meter.counter({ ...requests }));
    expect(meter.counter(requests).with('a', 'b')).toBe(meter.counter(requests).with('a', 'b'));
    expect(() => meter.counter({ ...requests, labels: ['api'] })).toThrow(/requests_total is defined twice/);
    expect(() => meter.gauge({ ...requests, type: 'gauge' })).toThrow(/defined twice/);
  });

  it('without labels are born 0; the overflow counter is there for each of its labels', async () => {
    const p = registry();
    p.meter.gauge(inFlight);
    p.meter.counter(requests);
    expect(await value(p, 'in_flight')).toBe(0);
    expect(await value(p, 'requests_total')).toBeUndefined();
    for (const label of ['operation', 'consumer', 'consumer_version', 'lines']) {
      expect(await value(p, 'label_overflow_total', { label })).toBe(0);
    }
  });

  it('tell values apart that a joined key would mix up', async () => {
    const p = registry();
    const family = p.meter.counter(requests);
    family.with('a|b', 'c').inc(1);
    family.with('a', 'b|c').inc(10);
    expect(await value(p, 'requests_total', { api: 'a|b' })).toBe(1);
    expect(await value(p, 'requests_total', { api: 'a' })).toBe(10);
  });

  it.each<[string, CounterSpec]>([
    ['a counter without _total', { ...requests, name: 'requests' }],
    ['a name that is not snake_case', { ...requests, name: 'Bad-Name_total' }],
    ['a help text that needs escaping', { ...requests, help: 'say "x"' }],
    ['an empty help text', { ...requests, help: '' }],
    ['a reserved label', { ...requests, labels: ['le'] }],
    ['a label that starts with an underscore', { ...requests, labels: ['__proto__'] }],
    ['a label twice', { ...requests, labels: ['a', 'a'] }],
  ])('refuse %s', (_, spec) => {
    expect(() => registry().meter.counter(spec)).toThrow(TypeError);
  });

  it('refuse a gauge named like a counter and buckets that do not ascend', () => {
    const { meter } = registry();
    expect(() => meter.gauge({ type: 'gauge', name: 'x_total', help: 'x', labels: [] })).toThrow(/must not end/);
    expect(() => meter.histogram({ ...duration, buckets: [1, 1] })).toThrow(/ascend/);
    expect(() => meter.histogram({ ...duration, buckets: [] })).toThrow(/ascend/);
  });

  it('leave out numbers that make no sense instead of throwing', async () => {
    const p = filled();
    const counter = p.meter.counter(requests).with('billing', 'createPayment');
    for (const by of [-1, Number.NaN, Number.POSITIVE_INFINITY]) counter.inc(by);
    p.meter.histogram(duration).with('createPayment').observe(Number.NaN);
    expect(await value(p, 'requests_total')).toBe(3);
    expect(await value(p, 'duration_seconds_count')).toBe(4);
  });
});

describe('folding', () => {
  it('keeps the first operations and folds the others, counted each time; reserved values never fold', async () => {
    const p = registry({ operations: 2 });
    const family = p.meter.counter(requests);
    for (const op of ['a', 'b', 'c', 'd', 'c', 'a', '_unmatched', '_none']) family.with('x', op).inc();
    expect(await value(p, 'requests_total', { operation: 'a' })).toBe(2);
    expect(await value(p, 'requests_total', { operation: '_other' })).toBe(3);
    expect(await value(p, 'requests_total', { operation: '_unmatched' })).toBe(1);
    expect(await value(p, 'requests_total', { operation: '_none' })).toBe(1);
    expect(await value(p, 'label_overflow_total', { label: 'operation' })).toBe(3);
  });

  it('counts an operation once over all families', async () => {
    const p = registry({ operations: 1 });
    p.meter.counter(requests).with('x', 'a').inc();
    p.meter.histogram(duration).with('a').observe(1);
    p.meter.histogram(duration).with('b').observe(1);
    expect(await value(p, 'duration_seconds_count', { operation: 'a' })).toBe(1);
    expect(await value(p, 'duration_seconds_count', { operation: '_other' })).toBe(1);
  });

  it('folds each label on its own: a consumer, and its versions', async () => {
    const p = registry({ consumers: 2, versionsPerConsumer: 2 });
    const family = p.meter.counter(byConsumer);
    for (const v of ['1', '2', '3', '4']) family.with('shop', v).inc();
    family.with('web', '3').inc();
    family.with('third', '1').inc();
    family.with('unknown', '').inc();
    expect(await value(p, 'consumer_requests_total', { consumer: 'shop', consumer_version: '_other' })).toBe(2);
    expect(await value(p, 'consumer_requests_total', { consumer: 'web', consumer_version: '3' })).toBe(1);
    expect(await value(p, 'consumer_requests_total', { consumer: '_other', consumer_version: '_other' })).toBe(1);
    expect(await value(p, 'consumer_requests_total', { consumer: 'unknown' })).toBe(1);
    expect(await value(p, 'label_overflow_total', { label: 'consumer' })).toBe(1);
    expect(await value(p, 'label_overflow_total', { label: 'consumer_version' })).toBe(2);
  });

  it('keeps a scrape under the limit of lines, drops nothing and counts everything', async () => {
    const p = registry({ operations: 100_000, lines: 300 });
    const h = p.meter.histogram(duration);
    const c = p.meter.counter({ ...requests, labels: ['api', 'operation'] });
    for (let i = 0; i < 500; i++) {
      h.with(`op${i}`).observe(1);
      c.with(`api${i}`, `op${i}`).inc();
    }
    h.with('op0').observe(1);
    const { body } = await p.scrape(undefined);
    expect(body.trimEnd().split('\n').length).toBeLessThanOrEqual(300);
    expect(await value(p, 'duration_seconds_count')).toBe(501);
    expect(await value(p, 'duration_seconds_count', { operation: 'op0' })).toBe(2);
    expect(await value(p, 'requests_total')).toBe(500);
    expect(await value(p, 'requests_total', { operation: '_other' })).toBeGreaterThan(400);
    expect(await value(p, 'label_overflow_total', { label: 'lines' })).toBeGreaterThan(800);
  });

  it('keeps lines for folded series: what found no place is still told apart by its closed labels', async () => {
    const p = registry({ operations: 100_000, lines: 300 });
    const h = p.meter.histogram(duration);
    const c = p.meter.counter(requests);
    for (let i = 0; i < 500; i++) c.with('first', `op${i}`).inc();
    for (let i = 0; i < 100; i++) h.with(`op${i}`).observe(1);
    c.with('billing', 'createPayment').inc();
    c.with('orders', 'createOrder').inc();
    expect(await value(p, 'requests_total', { api: 'billing', operation: '_other' })).toBe(1);
    expect(await value(p, 'requests_total', { api: 'orders', operation: '_other' })).toBe(1);
  });
});

describe('hostile label values', () => {
  it.each([
    ['quotes', 'say "hi"', 'say "hi"'],
    ['backslashes', 'C:\\new\\', 'C:\\new\\'],
    ['line feeds', 'a\nb\r\nc', 'a\ufffdb\ufffd\ufffdc'],
    ['unicode', 'Zürich 東京 🚰', 'Zürich 東京 🚰'],
    ['a right-to-left override', 'a\u202eb', 'a\ufffdb'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a prototype name', '__proto__', '__proto__'],
    ['something that looks like a sample', 'x"} 1\nevil{a="b', 'x"} 1\ufffdevil{a="b'],
  ])('%s are printed and read back in both formats', async (_, given, shown) => {
    const p = registry();
    p.meter.counter(requests).with(given, 'op').inc();
    for (const e of [await text(p), await open(p)]) {
      expect(e.samples.filter((s) => s.name === 'plumbline_requests_total')).toEqual([
        { name: 'plumbline_requests_total', labels: expect.objectContaining({ api: shown, operation: 'op' }), value: 1 },
      ]);
    }
  });

  it('10 KB are cut, without splitting a character', async () => {
    const p = registry();
    p.meter.counter(requests).with('🚰'.repeat(2500), 'op').inc();
    const [sample] = (await open(p)).samples.filter((s) => s.name === 'plumbline_requests_total');
    expect(sample?.labels.api?.length).toBeLessThanOrEqual(MAX_LABEL_LENGTH);
    expect(sample?.labels.api?.endsWith('…')).toBe(true);
    expect(sample?.labels.api?.isWellFormed()).toBe(true);
  });
});

const promtool = spawnSync('promtool', ['--version']).error === undefined;
if (!promtool) console.warn('SKIPPED: promtool is not installed; nobody has checked the metrics as Prometheus would (Debian: prometheus)');

describe.skipIf(!promtool)('promtool check metrics', () => {
  it('accepts the text with all process metrics', async () => {
    const p = createPrometheus({ limits: LIMITS });
    p.meter.counter(requests).with('x"\\', 'a').inc();
    p.meter.histogram(duration).with('a').observe(1);
    p.setBuildInfo({ version: '0.1.0', revision: '', node: '26' });
    for (const accept of [undefined, OPENMETRICS, undefined]) {
      const { body } = await p.scrape(accept);
      if (accept !== undefined) continue;
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
      expect(checked.stderr + checked.stdout).toBe('');
      expect(checked.status).toBe(0);
    }
  });
});

describe('process metrics', () => {
  it('are the named ones and no others, within the lines kept for them', async () => {
    const bare = (await registry().scrape(undefined)).body.split('\n').length;
    const p = createPrometheus({ limits: LIMITS });
    const { body } = await p.scrape(undefined);
    const names = [...readExposition(body).types.keys()].filter((n) => !n.startsWith('plumbline_'));
    expect(names.filter((n) => !PROCESS_METRICS.includes(n))).toEqual([]);
    expect(names).toContain('process_cpu_seconds_total');
    expect(names).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(body.split('\n').length - bare).toBeLessThan(PROCESS_LINES);
  });
});
