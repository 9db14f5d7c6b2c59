/** Steps over parts of JSON text that is known to be valid. Each gives the offset after what it stepped over. */

export function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const c = text.charCodeAt(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09 && c !== 0xfeff) return at;
    at += 1;
  }
}

export function skipJsonString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Iterative: depth costs no stack. */
export function skipJsonValue(text: string, from: number): number {
  let at = from;
  let depth = 0;
  while (at < text.length) {
    const c = text[at] as string;
    if (c === '"') at = skipJsonString(text, at);
    else if (c === '{' || c === '[') {
      depth += 1;
      at += 1;
    } else if (c === '}' || c === ']') {
      if (depth === 0) return at;
      depth -= 1;
      at += 1;
    } else if (depth === 0 && (c === ',' || c === ' ' || c === '\n' || c === '\r' || c === '\t')) return at;
    else {
      at += 1;
      continue;
    }
    if (depth === 0) return at;
  }
  return at;
}
