import { describe, expect, it } from 'vitest';
import type { FoundDrift } from '../../core/drift.ts';
import type { Finding } from '../../core/exchange.ts';
import type { Span } from '../../core/span.ts';
import { encodeSpan, envelope } from './encode.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
/** 2026-01-01T00:00:00Z at the monotonic instant 0. */
const OFFSET_MS = Date.UTC(2026, 0, 1);

const SERVER: Span = {
  kind: 'server',
  name: 'POST /payments',
  traceId: TRACE,
  spanId: '00f067aa0ba902b7',
  parentId: 'b7ad6b7169203331',
  flags: '01',
  state: 'vendor=1',
  startedAt: 1000,
  endedAt: 1012.3456789,
  status: 'error',
  attributes: ['http.request.method', 'POST', 'http.response.status_code', 503],
  findings: [],
};

const FINDING: Finding = {
  rule: 'type',
  side: 'request',
  location: 'body',
  pointer: '/amount',
  specPointer: '/paths/~1payments/post',
  detail: 'must be a number',
  mode: 'report',
};

const read = (span: Partial<Span>, offsetMs = OFFSET_MS) => JSON.parse(encodeSpan({ ...SERVER, ...span }, offsetMs));

describe('OTLP in JSON', () => {
  it('is what the specification shows', () => {
    const { head, tail } = envelope({
      resource: { 'service.name': 'billing', 'service.version': '', 'service.instance.id': 'i-1' },
      scope: { name: 'plumbline', version: '0.1.0' },
    });
    const child = encodeSpan(
      { ...SERVER, kind: 'client', parentId: SERVER.spanId, spanId: 'b9c7c989f97918e1', status: 'unset', state: '' },
      OFFSET_MS,
    );
    expect(JSON.parse(`${head}${encodeSpan({ ...SERVER, findings: [FINDING] }, OFFSET_MS)},${child}${tail}`)).toEqual({
      resourceSpans: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'billing' } },
              { key: 'service.instance.id', value: { stringValue: 'i-1' } },
            ],
          },
          scopeSpans: [
            {
              scope: { name: 'plumbline', version: '0.1.0' },
              spans: [
                {
                  traceId: TRACE,
                  spanId: '00f067aa0ba902b7',
                  traceState: 'vendor=1',
                  parentSpanId: 'b7ad6b7169203331',
                  flags: 0x301,
                  name: 'POST /payments',
                  kind: 2,
                  startTimeUnixNano: '1767225601000000000',
                  endTimeUnixNano: '1767225601012345703',
                  attributes: [
                    { key: 'http.request.method', value: { stringValue: 'POST' } },
                    { key: 'http.response.status_code', value: { intValue: '503' } },
                  ],
                  events: [
                    {
                      timeUnixNano: '1767225601012345703',
                      name: 'plumbline.violation',
                      attributes: [
                        { key: 'plumbline.violation.rule', value: { stringValue: 'type' } },
                        { key: 'plumbline.violation.side', value: { stringValue: 'request' } },
                        { key: 'plumbline.violation.location', value: { stringValue: 'body' } },
                        { key: 'plumbline.violation.pointer', value: { stringValue: '/amount' } },
                        { key: 'plumbline.violation.mode', value: { stringValue: 'report' } },
                      ],
                    },
                  ],
                  status: { code: 2 },
                },
                {
                  traceId: TRACE,
                  spanId: 'b9c7c989f97918e1',
                  parentSpanId: '00f067aa0ba902b7',
                  flags: 0x101,
                  name: 'POST /payments',
                  kind: 3,
                  startTimeUnixNano: '1767225601000000000',
                  endTimeUnixNano: '1767225601012345703',
                  attributes: [
                    { key: 'http.request.method', value: { stringValue: 'POST' } },
                    { key: 'http.response.status_code', value: { intValue: '503' } },
                  ],
                  status: {},
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('a span that begins its trace has no parent', () => {
    const root = read({ parentId: '', flags: '03' });
    expect([root.parentSpanId, root.flags]).toEqual([undefined, 0x103]);
  });

  it('never tells a finding’s detail', () => {
    expect(encodeSpan({ ...SERVER, findings: [FINDING] }, OFFSET_MS)).not.toContain('must be');
  });

  it('has no more than 128 events, and says how many more there were', () => {
    const { events, droppedEventsCount } = read({ findings: Array<Finding>(130).fill(FINDING) });
    expect([events.length, droppedEventsCount]).toEqual([128, 2]);
  });

  it('has an event for each finding, behind the violations and within the same limit', () => {
    const drift = {
      id: '0123456789abcdef',
      kind: 'undocumented_field',
      side: 'response',
      location: 'body',
      pointer: '/items/*/nick',
    } as const;
    const { events } = read({ findings: [FINDING], drift: [drift] });
    expect(events.map(({ name }: { readonly name: string }) => name)).toEqual(['plumbline.violation', 'plumbline.finding']);
    expect(events[1].attributes).toEqual(
      Object.entries(drift).map(([key, stringValue]) => ({ key: `plumbline.finding.${key}`, value: { stringValue } })),
    );
    const many = read({ findings: Array<Finding>(120).fill(FINDING), drift: Array<FoundDrift>(20).fill(drift) });
    expect([many.events.length, many.droppedEventsCount]).toEqual([128, 12]);
    expect(read({ drift: [] }).events).toBeUndefined();
  });

  it.each([
    [1, '1000000'],
    [1.5, '1500000'],
    [1.0000004, '1000000'],
    [0.9999999, '1000000'],
    [12.000001, '12000001'],
  ])('%d ms are %s ns', (ms, ns) => {
    expect(read({ endedAt: ms }, 0).endTimeUnixNano).toBe(ns);
  });

  it.each([
    ['quotes and line ends', 'a"b\\\n\u0000', 'a"b\\\n\u0000'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a long text', 'x'.repeat(5000), 'x'.repeat(1024)],
    ['a character cut in two', `${'x'.repeat(1023)}🚰`, `${'x'.repeat(1023)}\ufffd`],
  ])('%s in a value come as text that every reader takes', (_what, given, shown) => {
    const encoded = encodeSpan({ ...SERVER, attributes: ['url.path', given] }, OFFSET_MS);
    expect(JSON.parse(encoded).attributes[0].value.stringValue).toBe(shown);
    expect(encoded.isWellFormed() && !/\\ud[89a-f]/i.test(encoded)).toBe(true);
  });
});
