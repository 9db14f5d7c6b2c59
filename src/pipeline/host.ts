/** The host of an authority without its port and without the dot of the root, in lower case; `[::1]:80` → `[::1]`. */
export function hostOf(authority: string): string {
  const lower = authority.toLowerCase();
  const colon = lower.lastIndexOf(':');
  const host = colon > lower.lastIndexOf(']') ? lower.slice(0, colon) : lower;
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

/** Host and port of an authority, `defaultPort` where it has none. */
export function hostAndPort(authority: string, defaultPort: number): string {
  const colon = authority.lastIndexOf(':');
  const port = colon > authority.lastIndexOf(']') ? Number(authority.slice(colon + 1)) : 0;
  return `${hostOf(authority)}:${port === 0 ? defaultPort : port}`;
}
