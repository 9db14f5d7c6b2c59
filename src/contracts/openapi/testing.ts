/** What the tests of this folder share: documents in memory, and exchanges written in one line. */
import type { Contract, ContractResponse, ItemCheck, Outcome, Violation } from '../../core/contract.ts';
import type { LoadOptions, LoadResult } from '../../core/contract-loading.ts';
import { ParsedBody } from '../../core/parsed-body.ts';
import { loadOpenApi } from './load.ts';

export type Files = Readonly<Record<string, unknown>>;

/** Loads `root.json` of the files; a value that is no string is written as JSON. */
export function load(files: Files, more: Partial<LoadOptions> = {}): Promise<LoadResult> {
  const uri = more.uri ?? (Object.keys(files)[0] as string);
  return loadOpenApi({
    name: 'test',
    uri,
    basePath: 'auto',
    formats: 'assert',
    async read(path) {
      if (!Object.hasOwn(files, path)) throw new Error(`cannot read ${path}: no such file`);
      const content = files[path];
      return new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
    },
    resolve: (base, ref) => {
      const url = new URL(ref, `file:///${base}`);
      if (url.protocol !== 'file:') throw new Error(`remote references need \`refs: https\`: ${ref}`);
      return url.pathname.slice(1);
    },
    ...more,
  });
}

export async function contractOf(document: unknown, more: Partial<LoadOptions> = {}): Promise<Contract> {
  const { contract, problems } = await load({ 'api.json': document }, more);
  if (contract === undefined) throw new Error(`refused: ${JSON.stringify(problems, null, 1)}`);
  return contract;
}

/** A document around the given paths. */
export function api(paths: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { openapi: '3.1.0', info: { title: 'Test', version: '1.0.0' }, paths, ...more };
}

export const ok = { 200: { description: 'fine' } };

export const json = (schema: unknown): unknown => ({ 'application/json': { schema } });

export interface Sent {
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

/** `GET /things?limit=1` and what goes with it: what the contract says of the request as a whole. */
export function request(
  contract: Contract,
  line: string,
  sent: Sent = {},
): Outcome | { readonly miss: string; readonly allow?: readonly string[] } {
  const { found, head, body } = prepare(contract, line, sent);
  if (!('operation' in found)) return found;
  const { operation, params } = found;
  const outcome = operation.checkRequestHead(head, params);
  const looks = operation.looksAtBody('request', head, undefined);
  if (body === undefined) return worst(outcome, operation.checkRequestBody(head, undefined));
  if (looks === 'items' || looks === 'parts') return worst(outcome, pass(operation.openItems('request', head, undefined), body.bytes()));
  if (typeof looks === 'string') return worst(outcome, { is: 'skipped', reason: looks });
  return looks ? worst(outcome, operation.checkRequestBody(head, body)) : outcome;
}

/** What the contract says of an answer to `line`. */
export function response(
  contract: Contract,
  line: string,
  answer: Partial<ContractResponse> & { readonly body?: string },
  sent: Sent = {},
): Outcome {
  const { found, head } = prepare(contract, line, sent);
  if (!('operation' in found)) throw new Error(`no operation: ${line}`);
  const bytes = answer.body === undefined ? undefined : new TextEncoder().encode(answer.body);
  const full: ContractResponse = {
    status: answer.status ?? 200,
    headers: answer.headers ?? (bytes === undefined ? [] : ['Content-Type', 'application/json']),
  };
  const outcome = found.operation.checkResponseHead(head, full);
  const looks = found.operation.looksAtBody('response', head, full);
  if (looks === 'items' || looks === 'parts')
    return worst(outcome, pass(found.operation.openItems('response', head, full), bytes ?? new Uint8Array(0)));
  if (typeof looks === 'string') return worst(outcome, { is: 'skipped', reason: looks });
  if (!looks) return outcome;
  const body = bytes === undefined || bytes.byteLength === 0 ? undefined : new ParsedBody([bytes], bytes.byteLength);
  return worst(outcome, found.operation.checkResponseBody(head, full, body));
}

/** A body goes by in two pieces. */
function pass(check: ItemCheck | undefined, bytes: Uint8Array): Outcome {
  if (check === undefined) throw new Error('no check');
  check.onData(bytes.subarray(0, 5));
  check.onData(bytes.subarray(5));
  return check.end();
}

/** One word for an outcome: `valid`, `skipped reason`, or its violations as `rule location pointer`. */
export function say(outcome: ReturnType<typeof request>): string {
  if ('miss' in outcome) return outcome.allow === undefined ? `no ${outcome.miss}` : `no ${outcome.miss}, but ${outcome.allow.join(' ')}`;
  if (outcome.is === 'valid') return 'valid';
  return outcome.is === 'skipped' ? `skipped ${outcome.reason}` : outcome.violations.map(sayOne).join('; ');
}

function sayOne(v: Violation): string {
  return `${v.rule} ${v.location}${v.pointer === '' ? '' : ` ${v.pointer}`}`;
}

function prepare(contract: Contract, line: string, sent: Sent) {
  const space = line.indexOf(' ');
  const method = line.slice(0, space);
  const [path = '', ...query] = line.slice(space + 1).split('?');
  const bytes = typeof sent.body === 'string' ? new TextEncoder().encode(sent.body) : sent.body;
  const headers = [...(sent.headers ?? [])];
  const names = headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  if (bytes !== undefined && !names.includes('content-length') && !names.includes('transfer-encoding'))
    headers.push('Content-Length', String(bytes.length));
  if (bytes !== undefined && !names.includes('content-type')) headers.push('Content-Type', 'application/json');
  const head = { method, path, query: query.join('?'), headers: headers.filter((_, i) => headers[i % 2 === 0 ? i + 1 : i] !== '-') };
  return {
    found: contract.match(method, path),
    head,
    body: bytes === undefined || bytes.length === 0 ? undefined : new ParsedBody([bytes], bytes.length),
  };
}

function worst(a: Outcome, b: Outcome): Outcome {
  if (a.is === 'invalid') return b.is === 'invalid' ? { is: 'invalid', violations: [...a.violations, ...b.violations] } : a;
  return b.is === 'invalid' || a.is === 'valid' ? b : a;
}

/** Verdicts on values under a schema, in a request and in a response. */
export async function under(schema: unknown, more: { readonly openapi?: string; readonly components?: unknown } = {}) {
  const contract = await contractOf(
    api(
      { '/x': { post: { requestBody: { content: json(schema) }, responses: { 200: { description: '', content: json(schema) } } } } },
      { openapi: '3.1.0', ...more },
    ),
  );
  return {
    sent: (value: unknown) => say(request(contract, 'POST /x', { body: JSON.stringify(value) })),
    answered: (value: unknown) => say(response(contract, 'POST /x', { body: JSON.stringify(value) })),
    violations: (value: unknown) => {
      const outcome = request(contract, 'POST /x', { body: JSON.stringify(value) });
      return 'is' in outcome && outcome.is === 'invalid' ? outcome.violations : [];
    },
  };
}
