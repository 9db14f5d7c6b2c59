import type { Exchange } from '../../core/exchange.ts';
import { methodLabel } from '../../core/labels.ts';

/** A span's attributes, built in one flat list. What is empty or unknown is left out. */
export class Attributes {
  readonly list: Array<string | number> = [];

  add(name: string, value: string | number | undefined): void {
    if (value !== undefined && value !== '') this.list.push(name, value);
  }
}

/** `{method} {template}`; without an operation the method alone, and `HTTP` for one that callers invent: names are of few values. */
export function spanName(x: Exchange): string {
  const label = methodLabel(x.request.method);
  const method = label === '_OTHER' ? 'HTTP' : label;
  return x.operation === undefined ? method : `${method} ${x.operation.template}`;
}

export function methodOf(to: Attributes, method: string): void {
  const label = methodLabel(method);
  to.add('http.request.method', label);
  if (label !== method) to.add('http.request.method_original', method);
}

/** `host`, `host:port`, `[::1]:port`; of anything else nothing is said. */
const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/;

export function authority(to: Attributes, host: string | undefined): void {
  const parts = host === undefined ? null : AUTHORITY.exec(host);
  if (parts === null) return;
  to.add('server.address', parts[1] ?? parts[2]);
  if (parts[3] !== undefined) to.add('server.port', Number(parts[3]));
}
