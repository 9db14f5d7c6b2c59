/** What a pair of policies is put through: data. */
import { type Promised, fallback, left, refused, replayed, whole } from '../../faults/live/fault.ts';
import type { Step } from '../../faults/live/steps.ts';

export const POLICIES = [
  'retry',
  'idempotency',
  'breaker',
  'deadline',
  'rateLimit',
  'concurrency',
  'enforce',
  'fallback',
  'abort',
] as const;

export type PolicyName = (typeof POLICIES)[number];

/** What a client does, or what must be true at this point. */
export type Act =
  /** Sends a request on a connection of its own. */
  | { readonly send: string; readonly as: string }
  /** Must get this. */
  | { readonly as: string; readonly gets: Promised }
  /** Has got nothing so far. */
  | { readonly nothing: string }
  /** Leaves, with a FIN. */
  | { readonly leaves: string }
  /** A request and its answer. */
  | { readonly ask: string; readonly gets: Promised }
  | { readonly await: string }
  | { readonly tell: string }
  | { readonly pass: number }
  /** Waits until the gauge or counter, without its prefix, has this value. */
  | { readonly until: string; readonly is: number };

export interface Row {
  readonly pair: readonly [PolicyName, PolicyName];
  /** The rules that decide. */
  readonly rule: string;
  readonly what: string;
  readonly policies: object;
  readonly contract?: true;
  /** What the upstream does with the first requests; with all others as it should. */
  readonly upstream: ReadonlyArray<readonly Step[]>;
  readonly acts: readonly Act[];
  /** Requests that came to the upstream, and bodies of them, in order, where they matter. */
  readonly asked: number;
  /** Status and code of each line in the log, in the order in which exchanges ended. */
  readonly log: readonly string[];
  /** `name{label=value,…}` without its prefix. */
  readonly metrics: Readonly<Record<string, number>>;
}

// ---------------------------------------------------------------- the upstream

export const says = (status: number, fields = '', body = '{"run":99}'): readonly Step[] => [
  ['send', `HTTP/1.1 ${status} Said\r\nContent-Type: application/json\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`],
];
/** Not what the contract says. */
export const INVALID = says(200, '', '{"run":"no"}');
export const RESETS: readonly Step[] = [['end', 'RST']];
export const SILENT: readonly Step[] = [['tell', 'asked'], ['silence']];
/** Answers when it is told to. */
export const HELD: readonly Step[] = [['tell', 'asked'], ['await', 'go'], ['answer']];
export const FINE: readonly Step[] = [['answer']];

// ---------------------------------------------------------------- the client

export const GET = 'GET /f/x HTTP/1.1\r\nHost: x\r\n\r\n';
export const get = (fields: string): string => `GET /f/x HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n`;
export function post(key: string, body = '{"a":"b"}', fields = ''): string {
  const head = `POST /f/x HTTP/1.1\r\nHost: x\r\nIdempotency-Key: ${key}\r\n${fields}Content-Type: application/json\r\nContent-Length: ${body.length}`;
  return `${head}\r\n\r\n${body}`;
}
export const ask = (request: string, gets: Promised): Act => ({ ask: request, gets });
export { fallback, left, refused, replayed, whole };

// ---------------------------------------------------------------- the policies

export const retry = { attempts: 2, backoff: { base: '1ms', max: '2ms' } };
/** Opens after so many failures in a row. */
export const breaker = (minCalls: number, open = '60s', probes = 1): object => ({
  minCalls,
  failureRatio: 1,
  open,
  maxOpen: '60s',
  probes,
});
export const idempotency = { scope: 'shared' };
export const deadline = { total: '6s' };
/** One request, and hours until the next. */
export const oneRequest = [{ name: 'one', rate: 1, per: '10h', burst: 1, key: 'peer' }];
export const onePlace = { limit: 1, queue: 0 };
export const enforce = { request: 'enforce', response: 'enforce' };
export const fixed = { static: { status: 203, body: '{"run":0}' } };
