import { type Framing, framingOf, partOfBody, type Read, readBody, readHead, values } from './strict-head.ts';

/** A request as the upstream got it. */
export interface StrictRequest {
  readonly line: string;
  readonly method: string;
  readonly target: string;
  readonly fields: readonly string[];
  readonly body: Buffer;
  readonly framing: Framing;
  /** False: its end never came. */
  readonly whole: boolean;
  readonly length: number;
}

/** Fields of one hop, which no request may bring (RFC 9110 §7.6.1); Upgrade has cases of its own. */
const ONE_HOP = ['keep-alive', 'proxy-connection', 'te', 'trailer', 'expect'];
/** Fields that the gateway sees to: not more than one of each, whatever the client sent. */
const SINGLE = [
  'host',
  'x-request-id',
  'x-correlation-id',
  'traceparent',
  'via',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
];

/** The next request of what came on a connection. What has begun and is not whole is `undefined`: see `partOfRequest`. */
export function readRequest(bytes: Buffer, from: number): Read<StrictRequest> {
  const begun = readRequestHead(bytes, from);
  if (begun === undefined || typeof begun === 'string') return begun;
  const rest = readBody(bytes, from + begun.length, begun.framing);
  if (rest === undefined || typeof rest === 'string') return rest;
  if (rest.trailers.length > 0) return 'trailers, which the gateway is known to drop';
  return { ...begun, whole: true, body: rest.body, length: begun.length + rest.length };
}

/** The head and as much of the body as came. */
export function partOfRequest(bytes: Buffer, from: number): Read<StrictRequest> {
  const begun = readRequestHead(bytes, from);
  if (begun === undefined || typeof begun === 'string') return begun;
  return { ...begun, body: partOfBody(bytes, from + begun.length, begun.framing) };
}

function readRequestHead(bytes: Buffer, from: number): Read<StrictRequest> {
  const head = readHead(bytes, from);
  if (head === undefined || typeof head === 'string') return head;
  const { startLine: line, fields, length } = head;
  const [, method, target] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\/[\x21-\x7e]*|\*) HTTP\/1\.1$/.exec(line) ?? [];
  if (method === undefined || target === undefined) return `no request line: ${JSON.stringify(line.slice(0, 100))}`;
  if (target === '*' && method !== 'OPTIONS') return `* with ${method}`;
  if (values(fields, 'host').length === 0) return 'no Host';
  for (const name of SINGLE) if (values(fields, name).length > 1) return `more than one ${name}`;
  for (const name of ONE_HOP) if (values(fields, name).length > 0) return `${name} is a field of one hop`;
  for (const value of values(fields, 'connection')) if (!/^(?:keep-alive|close|upgrade)$/i.test(value)) return `Connection: ${value}`;
  const framing = framingOf(fields);
  if (typeof framing === 'string') return framing;
  return { line, method, target, fields, framing, body: Buffer.alloc(0), whole: false, length };
}
