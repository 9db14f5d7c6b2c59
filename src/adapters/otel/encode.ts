/** OTLP/HTTP in its JSON encoding (OTLP 1.0, "JSON Protobuf Encoding"): identifiers in hexadecimal, enums as numbers, 64-bit integers as text. */
import type { FoundDrift } from '../../core/drift.ts';
import type { Finding } from '../../core/exchange.ts';
import type { Span } from '../../core/span.ts';

/** Longest text of an attribute, in UTF-16 code units; a longer one is cut. */
const MAX_TEXT = 1024;
/** Events of one span; the SDKs' own limit. */
const MAX_EVENTS = 128;
const KINDS = { server: 2, client: 3 } as const;
const STATUS_ERROR = 2;
/** Bits of `flags` above the W3C's eight: whether the parent is remote is known, and is so. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Who sends: attributes of the resource, and name and version of the instrumentation scope. */
export interface Sender {
  /** Empty values are left out. */
  readonly resource: Readonly<Record<string, string>>;
  readonly scope: { readonly name: string; readonly version: string };
}

/** Beginning and end of a request body (ExportTraceServiceRequest); spans stand between them, with commas. */
export interface Envelope {
  readonly head: string;
  readonly tail: string;
}

export function envelope({ resource, scope }: Sender): Envelope {
  const attributes = Object.entries(resource)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => attribute(key, value));
  return {
    head: `{"resourceSpans":[{"resource":{"attributes":[${attributes.join(',')}]},"scopeSpans":[{"scope":{"name":${text(scope.name)},"version":${text(scope.version)}},"spans":[`,
    tail: ']}]}]}',
  };
}

/** `wallOffsetMs`: what is added to the monotonic clock to get milliseconds since 1970. */
export function encodeSpan(span: Span, wallOffsetMs: number): string {
  const remote = span.kind === 'server' && span.parentId !== '' ? IS_REMOTE : 0;
  const end = nanos(span.endedAt + wallOffsetMs);
  const { findings, drift = [] } = span;
  let out = `{"traceId":"${span.traceId}","spanId":"${span.spanId}"`;
  if (span.state !== '') out += `,"traceState":${text(span.state)}`;
  if (span.parentId !== '') out += `,"parentSpanId":"${span.parentId}"`;
  out += `,"flags":${Number.parseInt(span.flags, 16) | HAS_IS_REMOTE | remote},"name":${text(span.name)},"kind":${KINDS[span.kind]}`;
  out += `,"startTimeUnixNano":"${nanos(span.startedAt + wallOffsetMs)}","endTimeUnixNano":"${end}"`;
  out += `,"attributes":[${attributes(span.attributes)}]`;
  const count = findings.length + drift.length;
  if (count > 0) {
    const violations = findings.slice(0, MAX_EVENTS).map((finding) => event(finding, end));
    const differences = drift.slice(0, MAX_EVENTS - violations.length).map((found) => driftEvent(found, end));
    out += `,"events":[${[...violations, ...differences].join(',')}]`;
    if (count > MAX_EVENTS) out += `,"droppedEventsCount":${count - MAX_EVENTS}`;
  }
  return `${out},"status":${span.status === 'error' ? `{"code":${STATUS_ERROR}}` : '{}'}}`;
}

/** What was found, without `detail`: it is for people, and an event is for counting and searching. */
function event({ rule, side, location, pointer, mode }: Finding, at: string): string {
  const about = attributes([
    'plumbline.violation.rule',
    rule,
    'plumbline.violation.side',
    side,
    'plumbline.violation.location',
    location,
    'plumbline.violation.pointer',
    pointer,
    'plumbline.violation.mode',
    mode,
  ]);
  return `{"timeUnixNano":"${at}","name":"plumbline.violation","attributes":[${about}]}`;
}

/** Drift, by the id of its finding: that has the evidence. */
function driftEvent({ id, kind, side, location, pointer }: FoundDrift, at: string): string {
  const about = attributes([
    'plumbline.finding.id',
    id,
    'plumbline.finding.kind',
    kind,
    'plumbline.finding.side',
    side,
    'plumbline.finding.location',
    location,
    'plumbline.finding.pointer',
    pointer,
  ]);
  return `{"timeUnixNano":"${at}","name":"plumbline.finding","attributes":[${about}]}`;
}

function attributes(list: ReadonlyArray<string | number>): string {
  let out = '';
  for (let i = 0; i < list.length; i += 2) out += `${i === 0 ? '' : ','}${attribute(list[i] as string, list[i + 1] as string | number)}`;
  return out;
}

function attribute(key: string, value: string | number): string {
  const typed = typeof value === 'number' ? `"intValue":"${value}"` : `"stringValue":${text(value)}`;
  return `{"key":"${key}","value":{${typed}}}`;
}

/** Lone surrogates are replaced: strict readers of JSON refuse the whole batch for one. */
function text(value: string): string {
  return JSON.stringify((value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value).toWellFormed());
}

/** Nanoseconds as decimal digits: as a number they would be rounded to some hundreds. */
function nanos(ms: number): string {
  const whole = Math.floor(ms);
  const rest = Math.round((ms - whole) * 1e6);
  return rest === 1e6 ? `${whole + 1}000000` : `${whole}${String(rest).padStart(6, '0')}`;
}
