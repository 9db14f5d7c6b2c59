import { type RawHeaders, fieldName, headerList } from '../../core/headers.ts';
import { retryAfterMs } from '../../core/retry-after.ts';
import { type ListMember, readList } from './structured-list.ts';

/** What a partner's answer says of its limit. */
export interface Announced {
  /** Requests that its limit starts from. */
  readonly limit: number | undefined;
  /** Requests that are left. */
  readonly remaining: number | undefined;
  /** Milliseconds in which no request would pass; 0: none are announced. */
  readonly closedMs: number;
}

interface Quota {
  readonly limit: number | undefined;
  readonly remaining: number;
  /** Milliseconds until there is more; undefined: not said. */
  readonly untilMs: number | undefined;
}

/** Undefined where it says nothing, or nothing that can be read. `wallMs`: for dates. */
export function readAnnounced(status: number, headers: RawHeaders, wallMs: number): Announced | undefined {
  const quota = mentionsLimit(headers) ? readQuota(headers, wallMs) : undefined;
  const retryMs = status === 429 ? retryAfterMs(headers, wallMs) : undefined;
  if (quota === undefined && retryMs === undefined) return undefined;
  const emptyMs = quota?.remaining === 0 ? (quota.untilMs ?? 0) : 0;
  return { limit: quota?.limit, remaining: quota?.remaining, closedMs: Math.max(retryMs ?? 0, emptyMs) };
}

/** One look at each name spares nine searches where there is nothing to find. */
function mentionsLimit(headers: RawHeaders): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const { lower } = fieldName(headers[i] as string);
    if (lower.startsWith('ratelimit') || lower.startsWith('x-ratelimit-')) return true;
  }
  return false;
}

function readQuota(headers: RawHeaders, wallMs: number): Quota | undefined {
  return (
    readMembers(headers) ??
    readDictionary(headers) ??
    readFields(headers, 'ratelimit-', wallMs) ??
    readFields(headers, 'x-ratelimit-', wallMs)
  );
}

/** `RateLimit: "name";r=1;t=2` with `RateLimit-Policy: "name";q=100;w=60`; of several the one that is nearest to its end. */
function readMembers(headers: RawHeaders): Quota | undefined {
  const policies = readList(headerList(headers, 'ratelimit-policy') ?? '') ?? [];
  let nearest: Quota | undefined;
  for (const { name, params } of readList(headerList(headers, 'ratelimit') ?? '') ?? []) {
    const remaining = count(params.get('r'));
    if (remaining === undefined || (nearest !== undefined && nearest.remaining <= remaining)) continue;
    const limit = count(policies.find((policy: ListMember) => policy.name === name)?.params.get('q'));
    const seconds = count(params.get('t'));
    nearest = { limit, remaining, untilMs: seconds === undefined ? undefined : seconds * 1000 };
  }
  return nearest;
}

const PAIR = /^(limit|remaining|reset)=(\d{1,15})$/;

/** `RateLimit: limit=100, remaining=50, reset=30`, as earlier versions of the draft had it. */
function readDictionary(headers: RawHeaders): Quota | undefined {
  const text = headerList(headers, 'ratelimit') ?? '';
  if (text.length > 200) return undefined;
  const found = new Map<string, number>();
  for (const part of text.split(',')) {
    const pair = PAIR.exec(part.trim());
    if (pair === null) return undefined;
    found.set(pair[1] as string, Number(pair[2]));
  }
  const [remaining, reset] = [found.get('remaining'), found.get('reset')];
  if (remaining === undefined) return undefined;
  return { limit: found.get('limit'), remaining, untilMs: reset === undefined ? undefined : reset * 1000 };
}

/** Beyond it a `Reset` is no number of seconds from now (that would be 30 years) but an instant. */
const INSTANT = 1e9;
const INSTANT_MS = 1e12;

/** `X-RateLimit-Limit`, `-Remaining`, `-Reset`, with and without `X-`: no standard, but what most APIs send. */
function readFields(headers: RawHeaders, prefix: string, wallMs: number): Quota | undefined {
  const remaining = digits(headerList(headers, `${prefix}remaining`));
  if (remaining === undefined) return undefined;
  const reset = digits(headerList(headers, `${prefix}reset`));
  return {
    limit: digits(headerList(headers, `${prefix}limit`)),
    remaining,
    untilMs: reset === undefined ? undefined : untilMs(reset, wallMs),
  };
}

function untilMs(reset: number, wallMs: number): number {
  if (reset < INSTANT) return reset * 1000;
  return Math.max(0, (reset < INSTANT_MS ? reset * 1000 : reset) - wallMs);
}

/** Some add the window behind a comma or a semicolon: `100, 100;w=60`. */
const DIGITS = /^(\d{1,15})(?:\s*[,;].*)?$/;

function digits(text: string | undefined): number | undefined {
  const found = text === undefined || text.length > 200 ? null : DIGITS.exec(text);
  return found === null ? undefined : Number(found[1]);
}

function count(value: string | number | boolean | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
