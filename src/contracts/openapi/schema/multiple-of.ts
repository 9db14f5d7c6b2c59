/**
 * Whether `value` is a whole multiple of `step`, by their shortest decimal forms and not by binary division: 19.99 is a
 * multiple of 0.01. A value that binary floating point cannot hold exactly (2^53 and beyond) is given the benefit of the doubt.
 */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  if (!Number.isFinite(value) || !(step > 0) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return true;
  const a = decimal(value);
  const b = decimal(step);
  const exponent = Math.min(a.exponent, b.exponent);
  if (a.exponent - exponent > 400 || b.exponent - exponent > 400) return true;
  const whole = (n: Decimal): bigint => n.digits * 10n ** BigInt(n.exponent - exponent);
  return whole(a) % whole(b) === 0n;
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The shortest decimal form that reads back as the same number, which is what the sender most likely wrote. */
function decimal(n: number): Decimal {
  const [mantissa = '0', power = '0'] = String(n).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}
