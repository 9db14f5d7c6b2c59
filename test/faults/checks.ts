/** What was expected against what came. Each check gives what is wrong, in words; nothing: all is fine. */
import { CODES } from '../../src/core/rejection.ts';
import type { ExpectedAnswer, ExpectedFields, ExpectedInterim, ExpectedRequest } from './expectation.ts';
import { echoOf } from './recorder.ts';
import type { StrictAnswer } from './strict-answer.ts';
import { values } from './strict-head.ts';
import type { StrictRequest } from './strict-request.ts';

/** Fields of the gateway's own and of the framing: compared only where a case lists them. */
const REQUEST_OWN =
  /^(?:host|connection|x-request-id|x-correlation-id|traceparent|via|x-forwarded-(?:for|proto|host)|content-length|transfer-encoding)$/i;
const ANSWER_OWN = /^(?:connection|keep-alive|via|x-request-id|x-correlation-id|content-length|transfer-encoding)$/i;

function pairs(fields: readonly string[]): Array<readonly [string, string]> {
  return Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i] as string, fields[2 * i + 1] as string] as const);
}

/** `{any}` stands for anything but nothing. */
function like(value: string, expected: string): boolean {
  if (!expected.includes('{any}')) return value === expected;
  const parts = expected.split('{any}').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`).test(value);
}

function checkFields(what: string, got: readonly string[], { fields, absent }: ExpectedFields, own: RegExp): string[] {
  const wrong: string[] = [];
  const listed = new Set(pairs(fields).map(([name]) => name.toLowerCase()));
  for (const name of absent) if (values(got, name).length > 0) wrong.push(`${what} has ${name}: ${values(got, name).join(' | ')}`);
  const mine = (list: readonly string[]) => byName(pairs(list).filter(([name]) => own.test(name) && listed.has(name.toLowerCase())));
  const others = (list: readonly string[]) => pairs(list).filter(([name]) => !own.test(name));
  // The places of the gateway's own fields are its own choice; of all others neither place nor spelling may change.
  for (const select of [others, mine]) {
    const [is, wanted] = [select(got), select(fields)];
    const same = is.length === wanted.length && is.every(([name, value], i) => equal(name, value, wanted[i], select === mine));
    if (!same) wrong.push(`${what} has the fields ${show(is)}, not ${show(wanted)}`);
  }
  return wrong;
}

function byName(list: Array<readonly [string, string]>): Array<readonly [string, string]> {
  const lower = (pair: readonly [string, string]): string => pair[0].toLowerCase();
  return list.sort((a, b) => (lower(a) < lower(b) ? -1 : Number(lower(a) > lower(b))));
}

function equal(name: string, value: string, wanted: readonly [string, string] | undefined, anyCase: boolean): boolean {
  if (wanted === undefined) return false;
  return (name === wanted[0] || (anyCase && name.toLowerCase() === wanted[0].toLowerCase())) && like(value, wanted[1]);
}

function show(list: ReadonlyArray<readonly [string, string]>): string {
  return JSON.stringify(list.map(([name, value]) => `${name}: ${value.slice(0, 80)}`).slice(0, 40));
}

function showBody(body: Buffer): string {
  return `${body.length} bytes ${JSON.stringify(body.toString('latin1', 0, 120))}`;
}

export function checkRequest(got: StrictRequest, expected: ExpectedRequest): string[] {
  const wrong = checkFields('the upstream’s request', got.fields, expected, REQUEST_OWN);
  if (got.line !== expected.line) wrong.push(`the upstream got ${JSON.stringify(got.line)}, not ${JSON.stringify(expected.line)}`);
  if (!expected.fields.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'host') && values(got.fields, 'host')[0] !== 'x')
    wrong.push(`the upstream got Host ${values(got.fields, 'host')[0]}`);
  if (expected.mode === 'exactly' && !got.whole) wrong.push('the upstream got a request that never ended');
  if (expected.mode === 'unfinished' && got.whole) wrong.push('the upstream took a broken request for a whole one');
  const fits = got.whole ? got.body.equals(expected.body) : expected.body.subarray(0, got.body.length).equals(got.body);
  if (!fits) wrong.push(`the upstream got the body ${showBody(got.body)}, not ${showBody(expected.body)}`);
  return wrong;
}

/**
 * All that came to the upstream while a case ran `times`, in any order: requests of one connection may go different ways.
 * Whole ones must be there exactly so often, others at most so often.
 */
export function checkRequests(got: readonly StrictRequest[], expected: readonly ExpectedRequest[], times: number): string[] {
  const counts = expected.map(() => 0);
  const wrong = new Set<string>();
  for (const request of got) {
    const faults = expected.map((one) => checkRequest(request, one));
    // Of several that it may be the one that still lacks most: equal messages of a case are counted together.
    const fitting = faults.map((list, i) => (list.length === 0 ? i : -1)).filter((i) => i >= 0);
    const best = fitting.sort((a, b) => (counts[a] as number) - (counts[b] as number))[0];
    if (best !== undefined) counts[best] = (counts[best] as number) + 1;
    else if (expected.length === 0) wrong.add(`the upstream got ${JSON.stringify(request.line)}, and should have got nothing`);
    else wrong.add(faults.reduce((a, b) => (b.length < a.length ? b : a)).join('; '));
  }
  expected.forEach(({ mode, line }, i) => {
    const count = counts[i] as number;
    if (count > times || (mode === 'exactly' && count < times && wrong.size === 0))
      wrong.add(`the upstream got ${JSON.stringify(line)} ${count} times, not ${times} times`);
  });
  return [...wrong];
}

function checkInterim(got: StrictAnswer['interim'], expected: readonly ExpectedInterim[]): string[] {
  // A 100 of the gateway's own comes or not, as the body was in time or not (RFC 9110 §10.1.1).
  const others = got.filter(({ status }) => status !== 100);
  const [is, wanted] = [others.map(({ status }) => status).join(), expected.map(({ status }) => status).join()];
  if (is !== wanted) return [`the interim answers are ${is || 'none'}, not ${wanted || 'none'}`];
  return others.flatMap(({ status, fields }, i) => checkFields(`interim ${status}`, fields, expected[i] as ExpectedInterim, ANSWER_OWN));
}

/** The one error model (semantics ER). */
function checkRefusal({ status, fields, body }: StrictAnswer, code: keyof typeof CODES, method: string): string[] {
  const wrong: string[] = [];
  const want = (what: string, got: unknown, wanted: unknown): void => {
    if (got !== wanted) wrong.push(`${what} of the refusal is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
  };
  want('status', status, CODES[code].status);
  want('Content-Type', values(fields, 'content-type').join(), 'application/problem+json');
  want('Proxy-Status', values(fields, 'proxy-status').join(), `plumbline; error=${CODES[code].proxyError}`);
  if (method === 'HEAD') return wrong;
  let problem: Record<string, unknown>;
  try {
    problem = JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    return [...wrong, `the refusal's body is no JSON: ${showBody(body)}`];
  }
  want('code', problem['code'], code);
  want('status member', problem['status'], status);
  want('type', problem['type'], `https://plumbline.dev/errors/${code.toLowerCase().replaceAll('_', '-')}`);
  want('request_id', problem['request_id'], values(fields, 'x-request-id').join());
  return wrong;
}

/** `exactFields`: the case lists all end-to-end fields, not only those that it cares for. */
export function checkAnswer(got: StrictAnswer, expected: ExpectedAnswer, exactFields: 'all' | 'listed'): string[] {
  const { kind, status, code, method } = expected;
  const wrong = checkInterim(got.interim, expected.interim);
  if (kind === 'whole' ? code !== undefined : got.status !== status && code !== undefined) {
    if (!got.whole) wrong.push('the refusal is cut');
    const named = pairs(expected.fields).filter(([name, value]) => !values(got.fields, name.toLowerCase()).some((one) => like(one, value)));
    if (named.length > 0) wrong.push(`the refusal lacks ${show(named)}`);
    return [...wrong, ...checkRefusal(got, code as keyof typeof CODES, method)];
  }
  if (got.status !== status) return [...wrong, `the answer is ${got.status}, not ${status}: ${showBody(got.body)}`];
  if (kind === 'cut' && got.whole) wrong.push(`a broken answer came as a whole one: ${showBody(got.body)}`);
  if (kind === 'whole' && !got.whole) wrong.push(`the answer is cut after ${showBody(got.body)}`);
  const own = exactFields === 'all' ? ANSWER_OWN : /^/;
  wrong.push(...checkFields('the answer', got.fields, expected, own));
  const body = expected.body ?? (exactFields === 'all' ? Buffer.alloc(0) : undefined);
  if (body !== undefined && !(kind === 'cut' ? body.subarray(0, got.body.length) : body).equals(got.body))
    wrong.push(`the answer's body is ${showBody(got.body)}, not ${showBody(body)}`);
  if (kind === 'whole') {
    const [is, wanted] = [pairs(got.trailers), pairs(expected.trailers)];
    if (show(is) !== show(wanted)) wrong.push(`the trailers are ${show(is)}, not ${show(wanted)}`);
  }
  return wrong;
}

/** Answers that were passed on belong to their requests, in order. */
export function checkEchoes(
  got: readonly StrictAnswer[],
  answers: readonly ExpectedAnswer[],
  upstream: readonly ExpectedRequest[],
): string[] {
  const passedOn = got.filter((_, i) => answers[i]?.code === undefined);
  return upstream
    .filter(({ mode }) => mode === 'exactly')
    .flatMap(({ line }, i) => {
      const [method = '', target = ''] = line.split(' ');
      const wanted = method === 'HEAD' ? '' : echoOf(method, target);
      const body = passedOn[i]?.body.toString('latin1');
      return body === wanted ? [] : [`answer ${i + 1} is ${JSON.stringify(body)}, not ${JSON.stringify(wanted)}`];
    });
}

/** What two runs of a case must have in common: all but what is new in each. */
export function likeness(got: StrictAnswer, kind: ExpectedAnswer['kind']): string {
  if (kind === 'cut') return 'cut';
  const fields = pairs(got.fields).filter(([name]) => !/^(?:x-(?:request|correlation)-id|content-length)$/i.test(name));
  // What is wrong may be found in a piece already, or only when all is there: in which words it is told may differ, the code may not.
  const body = got.body
    .toString('latin1')
    .replace(/"(?:request_id|detail)":"[^"]*"/g, '')
    .replace(/\/case\/\d+/, '/case');
  return JSON.stringify([got.status, fields, got.framing, body, got.trailers, got.interim.filter(({ status }) => status !== 100)]);
}
