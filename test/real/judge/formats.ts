/**
 * The formats of JSON Schema and OpenAPI that GitHub's document names, in the plainest form of the RFCs. True for one that is in neither
 * (`repo.nwo`, `timestamp`) or says nothing about JSON (`binary`, `double`).
 */
export function hasFormat(value: string | number, format: string): boolean {
  if (typeof value === 'number')
    return format === 'int32' ? Number.isInteger(value) && Math.abs(value) <= 2 ** 31 : format !== 'int64' || Number.isInteger(value);
  switch (format) {
    case 'date-time': // RFC 3339 §5.6
      return /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
    case 'email': // RFC 5321 §4.1.2: before the @ atoms with dots (RFC 5322 §3.2.3), which have no brackets, or a quoted string
      return /^([\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*|"[^"]*")@[^\s@]+$/.test(value);
    case 'uri': // RFC 3986 §3: a scheme, then only characters that a URI may hold
      return /^[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/.test(value);
    case 'uri-template': // RFC 6570 §2: braces are closed and not nested
      return /^([^\s{}"<>\\^`|]|\{[^\s{}]+\})*$/.test(value);
    case 'binary':
    case 'double':
    case 'repo.nwo':
    case 'timestamp':
      return true;
    default:
      throw new Error(`the document names a format that this judge does not know: ${format}`);
  }
}
