/** Percent-decoding of one value, once (RFC 3986 §2.1). Undefined: not percent-encoded UTF-8. */
export function percentDecode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A key or value of a query or form: `+` is a space too. */
export function formDecode(text: string): string | undefined {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

const BEYOND_ASCII = /[\x80-\xff]/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What the octets of a field value say as UTF-8, where that is something else. A field value comes with one character for each octet; beyond ASCII they
 * have no charset (RFC 9110 §5.5), and most senders mean UTF-8.
 */
export function asUtf8(value: string): string | undefined {
  if (!BEYOND_ASCII.test(value)) return undefined;
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Without the blanks around it that a field value may have (RFC 9110 §5.6.3); a no-break space is an octet like any other. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Calls `pair` for every `name=value`, still encoded. A name without `=` has an empty value. */
export function eachPair(text: string, pair: (name: string, value: string) => void): void {
  let from = 0;
  while (from <= text.length) {
    const amp = text.indexOf('&', from);
    const end = amp < 0 ? text.length : amp;
    if (end > from) {
      const equals = text.indexOf('=', from);
      if (equals < 0 || equals >= end) pair(text.slice(from, end), '');
      else pair(text.slice(from, equals), text.slice(equals + 1, end));
    }
    from = end + 1;
  }
}

/** First value of a cookie (RFC 6265 §5.4), still encoded and with its quotes; undefined where it is absent. */
export function cookieValue(cookies: readonly string[], name: string): string | undefined {
  for (const line of cookies) {
    for (const part of line.split(';')) {
      const equals = part.indexOf('=');
      if (equals >= 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
    }
  }
  return undefined;
}
