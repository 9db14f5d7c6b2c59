/** Longest label value that is kept, in UTF-16 code units. */
export const MAX_LABEL_LENGTH = 128;

/** What fits as it is: printable ASCII. Nearly every value. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Controls, formatting (bidirectional overrides, zero widths) and line separators: nothing that a terminal or a page would act on. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A label value made safe to keep and to show: at most 128 code units (a longer one is cut and ends in `…`), well-formed Unicode,
 * unprintable characters replaced by U+FFFD. Quotes and backslashes stay; the writers of both formats escape them.
 */
export function labelValue(value: string): string {
  if (value.length <= MAX_LABEL_LENGTH && PLAIN.test(value)) return value;
  const cut = value.length > MAX_LABEL_LENGTH ? `${value.slice(0, MAX_LABEL_LENGTH - 1)}…` : value;
  return cut.toWellFormed().replace(UNPRINTABLE, '\ufffd');
}

/** The same characters in a string of its own: a slice would keep the header that it was cut from alive for as long as the series lives. */
export function ownString(value: string): string {
  return Buffer.from(value, 'utf8').toString('utf8');
}
