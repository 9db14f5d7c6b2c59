/** Requests as a file describes them. Pure. */

/** A place where a request, or the answer to it, breaks the contract: labels of `plumbline_contract_violations_total`. */
export interface Break {
  readonly operation: string;
  readonly side: 'request' | 'response';
  readonly location: string;
  readonly rule: string;
}

export interface Ask {
  /** In the results' rows; must not change from one request to the next. */
  readonly name: string;
  readonly weight: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Status codes that are as they should be. */
  readonly status: readonly number[];
  /** Of the contract; '' where nobody needs to know. */
  readonly operation: string;
  readonly breaks: readonly Break[];
}

/** Stands for a text that is another one in every request, and the same in every repeat of it. */
export const UNIQUE = '{unique}';
const MAX_WHEEL = 10_000;

/** Reads the JSON of a file in `traffic/`. @throws where it is not as it should be; the message names file and entry. */
export function parseTraffic(file: string, text: string): Ask[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
  if (!Array.isArray(read) || read.length === 0) throw new Error(`${file}: a list of requests is needed, with at least one`);
  return read.map((entry, i) => askOf(entry, (what) => new Error(`${file}: entry ${i + 1}: ${what}`)));
}

type Refuse = (what: string) => Error;

function askOf(entry: unknown, refuse: Refuse): Ask {
  const from = membersOf(entry);
  if (from === undefined) throw refuse('an object is needed');
  const known = new Set(['name', 'weight', 'method', 'path', 'headers', 'json', 'status', 'operation', 'breaks']);
  for (const name of from.keys()) if (!known.has(name)) throw refuse(`${name} is not known; there are ${[...known].join(', ')}`);
  const path = from.get('path');
  if (typeof path !== 'string' || !path.startsWith('/')) throw refuse('path begins with /');
  const method = from.get('method') ?? 'GET';
  if (typeof method !== 'string' || !/^[A-Z]+$/.test(method)) throw refuse('method is in capitals');
  const weight = from.get('weight') ?? 1;
  if (!isWhole(weight, 1, 1000)) throw refuse('weight is a whole number from 1 to 1000');
  const status = from.get('status') ?? [200];
  if (!Array.isArray(status) || status.length === 0 || !status.every((one) => isWhole(one, 200, 599)))
    throw refuse('status is a list of codes');
  const name = from.get('name');
  if (typeof name !== 'string' || name === '') throw refuse('name is missing');
  const json = from.get('json');
  return {
    name,
    weight,
    method,
    path,
    headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headersOf(from.get('headers'), refuse) },
    body: json === undefined ? null : JSON.stringify(json),
    status,
    operation: textOf(from.get('operation') ?? '', 'operation', refuse),
    breaks: breaksOf(from.get('breaks') ?? [], refuse),
  };
}

function headersOf(value: unknown, refuse: Refuse): Record<string, string> {
  const members = membersOf(value ?? {});
  if (members === undefined) throw refuse('headers is an object');
  return Object.fromEntries([...members].map(([name, text]) => [name.toLowerCase(), textOf(text, `headers.${name}`, refuse)]));
}

function breaksOf(value: unknown, refuse: Refuse): Break[] {
  if (!Array.isArray(value)) throw refuse('breaks is a list');
  return value.map((one) => {
    const from = membersOf(one) ?? new Map<string, unknown>();
    const [operation, side, location, rule] = ['operation', 'side', 'location', 'rule'].map((name) =>
      textOf(from.get(name), `breaks.${name}`, refuse),
    ) as [string, string, string, string];
    if (side !== 'request' && side !== 'response') throw refuse('breaks.side is request or response');
    return { operation, side, location, rule };
  });
}

function textOf(value: unknown, what: string, refuse: Refuse): string {
  if (typeof value !== 'string') throw refuse(`${what} is a text`);
  return value;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function membersOf(value: unknown): Map<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;
}

/** `ask` with `unique` in every place that is marked for it. */
export function fill(ask: Ask, unique: string): Pick<Ask, 'path' | 'headers' | 'body'> {
  const put = (text: string): string => text.replaceAll(UNIQUE, unique);
  const headers = Object.fromEntries(Object.entries(ask.headers).map(([name, text]) => [name, put(text)]));
  return { path: put(ask.path), headers, body: ask.body === null ? null : put(ask.body) };
}

/**
 * The requests in an order that keeps to their weights: the n-th iteration takes entry n modulo the length. Not by lot: two runs that are
 * compared then send the same. Spread out, so that any stretch of it has the mix.
 */
export function wheelOf(asks: readonly Ask[]): readonly Ask[] {
  const total = asks.reduce((sum, ask) => sum + ask.weight, 0);
  if (total > MAX_WHEEL) throw new Error(`the weights add up to ${total}, more than ${MAX_WHEEL}`);
  // Each entry collects its weight at every step; the richest goes next and pays the total.
  const credit = asks.map(() => 0);
  return Array.from({ length: total }, () => {
    asks.forEach((ask, i) => {
      credit[i] = (credit[i] ?? 0) + ask.weight;
    });
    const next = credit.indexOf(Math.max(...credit));
    credit[next] = (credit[next] ?? 0) - total;
    return asks[next] as Ask;
  });
}
