/**
 * Header fields as they travel: one flat array `[name, value, name, value, …]`, in the order, case and number in which
 * they were received (RFC 9110 §5.2, §5.3). Nothing here allocates more than its answer.
 */
export type RawHeaders = readonly string[];

/** What the pipeline must know of a field name, looked up once and remembered. */
export interface FieldName {
  readonly lower: string;
  /** Never forwarded: RFC 9110 §7.6.1 and the obsolete names that old senders still use. */
  readonly hopByHop: boolean;
  /** Begins with `x-plumbline-`, which is ours. */
  readonly reserved: boolean;
  /** One bit of 30: two names of which it differs are not the same, so that most look-ups end with an AND. */
  readonly bit: number;
}

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names come from traffic: the memory of them is bounded, long ones are never remembered. */
const MAX_NAMES = 2000;
const MAX_NAME_LENGTH = 64;
const names = new Map<string, FieldName>();

export function fieldName(name: string): FieldName {
  const known = names.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const made: FieldName = { lower, hopByHop: HOP_BY_HOP.has(lower), reserved: lower.startsWith('x-plumbline-'), bit: bitOf(lower) };
  if (name.length <= MAX_NAME_LENGTH && names.size < MAX_NAMES) names.set(name, made);
  return made;
}

function bitOf(lower: string): number {
  let sum = lower.length;
  for (let i = 0; i < lower.length; i++) sum = (sum * 31 + lower.charCodeAt(i)) | 0;
  return 1 << (((sum % 30) + 30) % 30);
}

/** First value of a field; `lower` must be in lower case. */
export function headerValue(headers: RawHeaders, lower: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === lower.length && fieldName(name).lower === lower) return headers[i + 1];
  }
  return undefined;
}

/** Every value of a field, in order; `lower` must be in lower case. */
export function headerValues(headers: RawHeaders, lower: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === lower.length && fieldName(name).lower === lower) found.push(headers[i + 1] as string);
  }
  return found;
}

/** All values of a list-based field joined as RFC 9110 §5.3 allows; undefined when it is absent. */
export function headerList(headers: RawHeaders, lower: string): string | undefined {
  const found = headerValues(headers, lower);
  return found.length === 0 ? undefined : found.length === 1 ? found[0] : found.join(', ');
}

/** Names that the `Connection` field declares hop-by-hop (RFC 9110 §7.6.1), in lower case; undefined when there is none. */
export function connectionOptions(headers: RawHeaders): string[] | undefined {
  let options: string[] | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 10 || fieldName(name).lower !== 'connection') continue;
    options ??= [];
    for (const part of (headers[i + 1] as string).split(',')) {
      const option = part.trim().toLowerCase();
      if (option !== '') options.push(option);
    }
  }
  return options;
}

/** Field values that may be sent: no control character but HTAB (RFC 9110 §5.5). */
export function isFieldValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if ((c < 0x20 && c !== 0x09) || c === 0x7f || c > 0xff) return false;
  }
  return true;
}
