/** Enough to see the first keys of a JSON document that was written on one line. */
const HEAD = 64 * 1024;

/**
 * Whether a text is a contract rather than a configuration: it has `openapi` (or `swagger`, which the loader refuses with reasons) as a key
 * of the document itself. Looks at the text only, as contracts may be large.
 */
export function looksLikeContract(text: string): boolean {
  if (!/^\s*\{/.test(text.slice(0, HEAD))) return /^(?:"(?:openapi|swagger)"|'(?:openapi|swagger)'|openapi|swagger)[ \t]*:/m.test(text);
  const version = /["'](?:openapi|swagger)["'][ \t\r\n]{0,20}:[ \t\r\n]{0,20}["']?\d/;
  return version.test(text.slice(0, HEAD)) || version.test(text.slice(-HEAD));
}
