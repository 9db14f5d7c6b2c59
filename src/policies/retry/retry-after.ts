import { type RawHeaders, headerValue } from '../../core/headers.ts';
import { httpDateMs } from './http-date.ts';

/**
 * How long an upstream asks to be left alone (RFC 9110 §10.2.3): seconds, or a date of the upstream's clock. Milliseconds from now on, 0
 * for a date that has passed, possibly more than any timer holds; undefined where the field is absent or malformed.
 */
export function retryAfterMs(headers: RawHeaders, wallMs: number): number | undefined {
  const value = headerValue(headers, 'retry-after');
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = httpDateMs(value, wallMs);
  return at === undefined ? undefined : Math.max(0, at - wallMs);
}
