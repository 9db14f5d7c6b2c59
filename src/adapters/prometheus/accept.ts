/** One media range of an Accept field (RFC 9110 §12.5.1). */
interface Range {
  readonly type: string;
  readonly version: string | undefined;
  readonly q: number;
}

/**
 * True where OpenMetrics 1.0.0 is asked for by name and no less wanted than text. A range with another version than 1.0.0 does not
 * ask for what we have; a wildcard alone asks for nothing in particular and gets text.
 */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(parseRange);
  const open = best(ranges, (r) => r.type === 'application/openmetrics-text' && (r.version === undefined || r.version === '1.0.0'));
  if (open === undefined || open === 0) return false;
  const text =
    best(ranges, (r) => r.type === 'text/plain' && (r.version === undefined || r.version === '0.0.4')) ??
    best(ranges, (r) => r.type === 'text/*') ??
    best(ranges, (r) => r.type === '*/*') ??
    0;
  return open >= text;
}

function best(ranges: readonly Range[], fits: (r: Range) => boolean): number | undefined {
  let q: number | undefined;
  for (const range of ranges) if (fits(range) && (q === undefined || range.q > q)) q = range.q;
  return q;
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  let version: string | undefined;
  let q = 1;
  for (const parameter of parameters) {
    const at = parameter.indexOf('=');
    const value = parameter
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    const name = at < 0 ? '' : parameter.slice(0, at).trim();
    if (name === 'version') version = value;
    // A weight that is not one (RFC 9110 §12.4.2) is the sender's mistake, and no reason to send nothing.
    else if (name === 'q') q = /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(value) ? Number(value) : 1;
  }
  return { type, version, q };
}
