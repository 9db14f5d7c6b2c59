/** What the API asks of a warning (k8s.io/api/admission/v1: "limit warnings to 120 characters if possible"). */
export const MAX_WARNING_LENGTH = 120;
/** All warnings of a request share 4,096 characters in the API server. */
export const MAX_WARNINGS = 8;

/**
 * As warnings for whoever creates the pod: one line each, at most 120 characters, without what a header field cannot carry (RFC 9110 §5.5). What is cut off
 * stands in the injector's log.
 */
export function asWarnings(messages: readonly string[]): string[] {
  const lines = [...new Set(messages)].map((message) => shortened(oneLine(`plumbline: ${message}`), MAX_WARNING_LENGTH));
  if (lines.length <= MAX_WARNINGS) return lines;
  const kept = lines.slice(0, MAX_WARNINGS - 1);
  return [...kept, `plumbline: ${lines.length - kept.length} more warnings stand in the injector's log`];
}

/** What is looked at of a text: names in it may be as long as whoever sent them likes. */
const MAX_LOOKED_AT = 2000;

/** Without characters that end a line or are none; of a very long text its beginning. */
export function oneLine(text: string): string {
  return text
    .slice(0, MAX_LOOKED_AT)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** At most `length` characters of a text that is no longer than a page (Unicode code points, as the API server counts them). */
export function shortened(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}
