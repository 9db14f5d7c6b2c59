/** Digits of a trace ID that are random for sure: its last 56 bits (W3C Trace Context Level 2, §3.2.2.3.2). */
const RANDOM_DIGITS = 14;
const RANDOM_FROM = 32 - RANDOM_DIGITS;
/** Greater than every row of hexadecimal digits. */
const NEVER = 'g';

/**
 * Decides by the trace ID alone, as OpenTelemetry's consistent probability sampling does: sampled where the last 56 bits are no less than
 * (1 - ratio) of their range. Everybody who asks about the same trace gets the same answer, and a trace sampled at a ratio is sampled at every
 * greater one. Hexadecimal digits of one length compare as the numbers that they are.
 */
export function ratioSampler(ratio: number): (traceId: string) => boolean {
  const range = 1n << 56n;
  const below = range - BigInt(Math.round(ratio * Number(range)));
  const threshold = below >= range ? NEVER : below.toString(16).padStart(RANDOM_DIGITS, '0');
  return (traceId) => traceId.slice(RANDOM_FROM) >= threshold;
}

/** The flag `sampled` (§3.2.2.3.1): the lowest bit of trace-flags. */
export function isSampled(flags: string): boolean {
  return ODD_DIGITS.includes(flags.charAt(1));
}

const ODD_DIGITS = '13579bdf';
