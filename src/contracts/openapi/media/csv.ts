const [QUOTE, COMMA, CR, LF] = [0x22, 0x2c, 0x0d, 0x0a];

/**
 * Whether bytes are `text/csv` by the quoting of RFC 4180 §2. `unclear`: quotes where other dialects have them, which is no fault that a sender could be
 * told of. The number of fields in a line is left alone ("should"), and so are line feeds without CR.
 */
export function csvFault(bytes: Uint8Array): 'open_quote' | 'unclear' | undefined {
  let at = 0;
  while (at < bytes.byteLength) {
    if (bytes[at] === QUOTE) {
      const end = behindQuotes(bytes, at);
      if (end === undefined) return 'open_quote';
      at = end;
      if (at < bytes.byteLength && bytes[at] !== COMMA && bytes[at] !== CR && bytes[at] !== LF) return 'unclear';
    }
    while (at < bytes.byteLength && bytes[at] !== COMMA && bytes[at] !== CR && bytes[at] !== LF) {
      if (bytes[at] === QUOTE) return 'unclear';
      at += 1;
    }
    at += 1;
  }
  return undefined;
}

/** Where a quoted field ends; a quote in it is doubled. */
function behindQuotes(bytes: Uint8Array, from: number): number | undefined {
  let at = from + 1;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) return undefined;
    if (bytes[quote + 1] !== QUOTE) return quote + 1;
    at = quote + 2;
  }
}
