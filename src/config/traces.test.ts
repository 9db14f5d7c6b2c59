import { expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';
import { shownSettings } from './settings.ts';

function parse(traces: string) {
  const text = `listeners: { in: {} }\nroutes: [{ name: r, listener: in, upstream: "http://a" }]\ntelemetry: { traces: ${traces} }\n`;
  return parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
}

const traces = (text: string) => parse(text).settings?.telemetry.traces;
const problems = (text: string) => parse(text).problems.map(({ code, pointer }) => `${code} ${pointer}`);

test('spans are exported where an address is named, one trace in ten', () => {
  expect(traces('{ otlp: "http://127.0.0.1:4318" }')).toEqual({ otlp: 'http://127.0.0.1:4318', sample: 0.1 });
  expect(traces('')).toBeUndefined();
});

test.each([
  ['{ otlp: "http://127.0.0.1:4318/", sample: 1 }', { otlp: 'http://127.0.0.1:4318', sample: 1 }],
  ['{ otlp: "https://otel.example/otlp/", sample: 0 }', { otlp: 'https://otel.example/otlp', sample: 0 }],
  ['{ otlp: "http://[::1]:4318", sample: "0.25" }', { otlp: 'http://[::1]:4318', sample: 0.25 }],
])('%s', (text, expected) => {
  expect(traces(text)).toEqual(expected);
});

test.each([
  ['{}', 'missing_key /telemetry/traces/otlp'],
  ['{ otlp: "127.0.0.1:4318" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "grpc://127.0.0.1:4317" }', 'not_allowed /telemetry/traces/otlp'],
  ['{ otlp: "http://user:hunter2@127.0.0.1:4318" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "http://@127.0.0.1:4318" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "http://127.0.0.1:4318?key=1" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "http://127.0.0.1:4318#a" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "http://127.0.0.1:0" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "http://a b" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "http://" }', 'malformed /telemetry/traces/otlp'],
  ['{ otlp: "http://a", sample: 1.1 }', 'out_of_range /telemetry/traces/sample'],
  ['{ otlp: "http://a", sample: -0.1 }', 'out_of_range /telemetry/traces/sample'],
  ['{ otlp: "http://a", sampel: 1 }', 'unknown_key /telemetry/traces/sampel'],
])('%s is refused', (text, problem) => {
  expect(problems(text)).toEqual([problem]);
});

test('the path of the spans is not part of the address, and the message says what to write', () => {
  const [problem] = parse('{ otlp: "http://127.0.0.1:4318/v1/traces" }').problems;
  expect(problem).toMatchObject({ code: 'malformed', suggestion: 'http://127.0.0.1:4318' });
});

test('credentials in an address are not repeated', () => {
  expect(JSON.stringify(parse('{ otlp: "http://user:hunter2@127.0.0.1:4318" }').problems)).not.toContain('hunter2');
});

test('it can be seen what is in force', () => {
  const { settings } = parse('{ otlp: "http://127.0.0.1:4318" }');
  expect(settings && shownSettings(settings)).toMatchObject({ telemetry: { traces: { otlp: 'http://127.0.0.1:4318', sample: 0.1 } } });
});
