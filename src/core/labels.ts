/** Values of metric labels that come from traffic, folded to closed sets. */

/** RFC 9110 §9, PATCH (RFC 5789) and QUERY. Everything else is `_OTHER`, as methods are the caller's to invent. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']);

/** The label `method`. Methods are case-sensitive (RFC 9110 §9.1): `get` is `_OTHER`. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : '_OTHER';
}

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

export type StatusClass = (typeof CLASSES)[number];

/** The label `status_class`. A status outside 100 … 599 is an error of the server (RFC 9110 §15). */
export function statusClass(status: number): StatusClass {
  return status >= 100 && status < 600 ? (CLASSES[Math.floor(status / 100) - 1] ?? '5xx') : '5xx';
}
