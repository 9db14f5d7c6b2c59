/** W3C Trace Context Level 2 and Baggage: reading and writing, without any state. */

export interface TraceParent {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero. */
  readonly parentId: string;
  /** 2 lower-case hexadecimal digits. */
  readonly flags: string;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
/** The flags that Level 2 defines: sampled and random-trace-id. What a later version means by others is not ours to pass on. */
const KNOWN_FLAGS = 0x03;

/** §3.2: undefined where the field is not valid, and then a new trace begins. */
export function parseTraceParent(value: string): TraceParent | undefined {
  if (value.length < 55 || value.length > 256) return undefined;
  const match = FORM.exec(value);
  if (match === null) return undefined;
  const [, version, traceId, parentId, flags, rest] = match as unknown as [string, string, string, string, string, string | undefined];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (traceId === NO_TRACE || parentId === NO_SPAN) return undefined;
  if (version === '00') return { traceId, parentId, flags };
  return { traceId, parentId, flags: (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16).padStart(2, '0') };
}

export function formatTraceParent(traceId: string, spanId: string, flags: string): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

const MAX_MEMBERS = 64;
const MAX_BAGGAGE_BYTES = 8192;

/** Baggage §3.3.2: whole members are dropped from the end until both limits hold; undefined where nothing needs to change. */
export function shortenBaggage(value: string): string | undefined {
  if (value.length <= MAX_BAGGAGE_BYTES && !hasMoreThan(value, MAX_MEMBERS)) return undefined;
  let end = 0;
  for (let members = 0; members < MAX_MEMBERS; members++) {
    const comma = value.indexOf(',', members === 0 ? 0 : end + 1);
    const next = comma < 0 ? value.length : comma;
    if (next > MAX_BAGGAGE_BYTES) break;
    end = next;
    if (comma < 0) break;
  }
  return value.slice(0, end);
}

function hasMoreThan(value: string, members: number): boolean {
  let at = -1;
  for (let n = 0; n < members; n++) {
    at = value.indexOf(',', at + 1);
    if (at < 0) return false;
  }
  return true;
}
