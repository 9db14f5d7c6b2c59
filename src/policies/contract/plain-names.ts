const NAME = /^[A-Za-z_$@][A-Za-z0-9_$.:-]{0,63}$/;
/** So many digits say nothing: `sha256`, `address1`. */
const FEW_DIGITS = 3;
const MOST_DIGITS = 8;

/**
 * A name that somebody gave a kind of event: letters, few digits, nothing else that a value is made of. What is grouped or shown by its name must not
 * be a value.
 */
export function isPlainName(name: string): boolean {
  if (!NAME.test(name)) return false;
  const digits = name.replaceAll(/\D/g, '').length;
  return digits <= FEW_DIGITS || (digits <= MOST_DIGITS && digits * 3 <= name.length);
}
