import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrometheus } from './prometheus.ts';
import type { PublishedMetric, PublishedValue } from './published.ts';
import { readExposition } from './testing/exposition.ts';
import { writeText } from './text-writer.ts';

/** Whatever label value and number there is must come back as it went in. */
const anyValue = fc.record({
  value: fc.double(),
  labels: fc.dictionary(fc.constantFrom('a', 'b', 'le'), fc.string({ unit: 'binary' })),
  sharedLabels: fc.option(fc.dictionary(fc.constantFrom('x', 'y'), fc.string({ unit: 'grapheme' })), { nil: undefined }),
});

describe('the text writer', () => {
  it('prints what a strict reader reads back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyValue, { maxLength: 8 }),
        fc.constantFrom('counter', 'gauge'),
        fc.string(),
        async (values, type, help) => {
          const told: PublishedValue[] = values.map(({ value, labels, sharedLabels }, i) => ({
            value,
            labels: { ...labels, n: String(i) },
            ...(sharedLabels === undefined ? {} : { sharedLabels }),
          }));
          const metric: PublishedMetric = {
            name: 'some_name',
            help,
            type,
            get: async () => ({ name: 'some_name', help, type, values: told }),
          };
          const name = type === 'counter' ? 'some_name_total' : 'some_name';
          const read = readExposition(await writeText([metric]));
          expect(read.types.get(name)).toBe(type);
          expect(read.samples.map((s) => [s.name, { ...s.labels }, s.value])).toEqual(
            // Text has no negative zero that a reader must keep.
            told.map((v) => [name, { ...v.labels, ...v.sharedLabels }, v.value === 0 ? 0 : v.value]),
          );
        },
      ),
    );
  });

  it.each(['a\nb', 'a"b', 'a\\b', '\\n', '"} 1\nforged{x="'])('a label of %j ends no line and no label', async (value) => {
    const family = { name: 'some_name', help: 'x', type: 'gauge', values: [{ value: 1, labels: { a: value } }] };
    const read = readExposition(await writeText([{ ...family, get: async () => family }]));
    expect(read.samples.map((s) => [s.name, { ...s.labels }, s.value])).toEqual([['some_name', { a: value }, 1]]);
  });

  it('agrees with the OpenMetrics printer on any label values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 200 }), fc.string()), { maxLength: 6 }), async (sets) => {
        const p = createPrometheus({
          limits: { operations: 3, consumers: 3, versionsPerConsumer: 1, lines: 100 },
          processMetrics: [],
        });
        const family = p.meter.counter({ type: 'counter', name: 'x_total', help: 'x', labels: ['consumer', 'operation'] });
        for (const [a, b] of sets) family.with(a, b).inc();
        const plain = readExposition((await p.scrape(undefined)).body).samples;
        const open = readExposition((await p.scrape('application/openmetrics-text')).body).samples;
        expect(open).toEqual(plain);
        expect(plain.filter((s) => s.name === 'plumbline_x_total').reduce((n, s) => n + s.value, 0)).toBe(sets.length);
      }),
    );
  });
});
