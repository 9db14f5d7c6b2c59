import {
  type Schema,
  checked,
  defaulted,
  integer,
  nearest,
  number,
  object,
  optional,
  required,
  sizeBytes,
  string,
} from '../../core/schema.ts';
import { show } from '../../core/schema/show.ts';
import { collectorUrl } from '../collector-url.ts';

const WORDS = ['off', 'stdout'];

/** A word that is neither known nor looks like a path is a slip, not a file of that name. */
const accessLog: Schema<string> = checked(string({ type: '`off`, `stdout` or path', maxLength: 4096 }), (text) => {
  if (WORDS.includes(text) || /[/.]/.test(text)) return undefined;
  const suggestion = nearest(text, WORDS);
  return {
    code: 'not_allowed',
    message: `${show(text)} is not one of off, stdout, or a path (with a / or a dot)`,
    found: show(text),
    allowed: WORDS,
    ...(suggestion !== undefined && { suggestion }),
  };
});

const count = (max: number): Schema<number> => integer({ min: 1, max });

const limits = object({
  operations: defaulted(count(100_000), 300, 'Operations that get metrics of their own, in each contract; the rest fold to `_other`.'),
  consumers: defaulted(count(10_000), 50, 'Consumers that get metrics of their own; the rest fold to `_other`.'),
  versionsPerConsumer: defaulted(count(1000), 3, 'Versions of one consumer that get metrics of their own.'),
  lines: defaulted(
    count(1_000_000),
    5000,
    'Lines that a scrape of `/metrics` may have; near it new label sets fold to `_other`, and what exists stays.',
  ),
  violations: defaulted(count(1_000_000), 1000, 'Violations kept for `/api/violations`; the oldest go first.'),
  bufferedBytes: defaulted(
    sizeBytes({ min: 1024 ** 2, max: 64 * 1024 ** 3 }),
    '64MiB',
    'Bytes of bodies held at a time, over all exchanges; beyond it checks are skipped and counted.',
  ),
  outcomes: defaulted(
    count(10_000),
    1000,
    'Mutations of unknown outcome kept for `/api/outcomes`; the oldest settled ones go first, then the oldest.',
  ),
  findings: defaulted(
    integer({ min: 0, max: 20_000 }),
    5000,
    'Findings kept for `/api/findings`: where traffic and contracts differ. Resolved ones make room for new ones; 0 looks for none.',
  ),
  upgrades: defaulted(count(1_000_000), 1000, 'WebSockets and other upgraded connections at a time; beyond it 503 OVERLOADED.'),
});

const traces = object({
  otlp: required(collectorUrl(), 'Base address of an OTLP/HTTP receiver, like `http://127.0.0.1:4318`. Spans go to `/v1/traces` there.'),
  sample: defaulted(
    number({ min: 0, max: 1 }),
    0.1,
    "Share of the traces beginning here that is exported, decided by the trace ID. A caller's believed decision is followed.",
  ),
});

export const telemetrySchema = object({
  accessLog: defaulted(accessLog, 'stdout', 'One JSON line an exchange. A path is taken from the directory of the configuration.'),
  limits: defaulted(limits, {}, 'Bounds of what traffic can make grow.'),
  traces: optional(traces, 'Export of spans by OTLP. Without it nothing is exported; trace context is passed on always.'),
});
