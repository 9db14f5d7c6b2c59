/** Numbers longer than this are not looked at digit by digit. */
const MAX_DIGITS = 1000;
const MAX_EXPONENT = 1e6;
/** Of decimal numbers 15 digits survive the way through binary floating point. */
const SAFE = 10n ** 15n;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** A decimal number as it was written: `digits` × 10^`exponent`, without zeros at the end of `digits`. */
export class Decimal {
  readonly digits: bigint;
  readonly exponent: number;
  /** As it was written. */
  readonly text: string;

  private constructor(digits: bigint, exponent: number, text: string) {
    this.digits = digits;
    this.exponent = exponent;
    this.text = text;
  }

  /** Of a number in JSON (RFC 8259 §6). Undefined: no number, or one too long to be looked at. */
  static of(text: string): Decimal | undefined {
    if (text.length > MAX_DIGITS + 20) return undefined;
    const found = NUMBER.exec(text);
    if (found === null) return undefined;
    const [, sign = '', whole = '', fraction = '', power = '0'] = found;
    const all = (whole + fraction).replace(/^0+/, '');
    const digits = all.replace(/0+$/, '');
    const exponent = Number(power) - fraction.length + all.length - digits.length;
    if (digits.length > MAX_DIGITS || Math.abs(exponent) > MAX_EXPONENT) return undefined;
    if (digits === '') return new Decimal(0n, 0, text);
    return new Decimal(sign === '-' ? -BigInt(digits) : BigInt(digits), exponent, text);
  }

  /** The shortest decimal that is read as this number, which is what was written if that had up to 15 digits. */
  static ofNumber(n: number): Decimal {
    const decimal = Decimal.of(String(n));
    if (decimal === undefined) throw new RangeError('not a finite number');
    return decimal;
  }

  /** More digits than certainly survive binary floating point. */
  get isLong(): boolean {
    return this.digits >= SAFE || this.digits <= -SAFE;
  }

  get isInteger(): boolean {
    return this.exponent >= 0;
  }

  /** Below 0, 0 or above 0, as for `sort`. */
  compare(other: Decimal): number {
    const sign = signOf(this.digits) - signOf(other.digits);
    if (sign !== 0 || this.digits === 0n) return sign;
    const negative = this.digits < 0n;
    const longer = this.#magnitude() - other.#magnitude();
    if (longer !== 0) return negative ? -longer : longer;
    // As many digits before the point: what is left to align is no longer than the digits themselves.
    const least = Math.min(this.exponent, other.exponent);
    const a = this.digits * 10n ** BigInt(this.exponent - least);
    const b = other.digits * 10n ** BigInt(other.exponent - least);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** Whether it is a whole multiple of `step`, which is above 0. */
  isMultipleOf(step: Decimal): boolean {
    if (this.digits === 0n) return true;
    const shift = this.exponent - step.exponent;
    // Digits that do not end in 0 are no multiple of 10.
    return shift >= 0 && (this.digits * powerOf10(shift, step.digits)) % step.digits === 0n;
  }

  /** Digits before the point; below 0 as many zeros behind it. */
  #magnitude(): number {
    const { length } = this.digits.toString();
    return this.exponent + (this.digits < 0n ? length - 1 : length);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

function signOf(n: bigint): number {
  return n < 0n ? -1 : n > 0n ? 1 : 0;
}

/** 10^`power` modulo `modulus`: a million digits need not be written out. */
function powerOf10(power: number, modulus: bigint): bigint {
  let result = 1n % modulus;
  let base = 10n % modulus;
  for (let left = power; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

/** Whether a number's text says something that its reading as a binary number does not. Undefined text too long to tell counts as such. */
export function losesDigits(text: string): boolean {
  const written = Decimal.of(text);
  const read = Number(text);
  if (written === undefined || !Number.isFinite(read)) return true;
  const kept = Decimal.ofNumber(read);
  return kept.digits !== written.digits || (kept.digits !== 0n && kept.exponent !== written.exponent);
}
