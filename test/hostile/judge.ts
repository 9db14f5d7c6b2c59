import { api, contractOf, json, ok } from '../../src/contracts/openapi/testing.ts';
import type { Contract, Outcome } from '../../src/core/contract.ts';
import { ParsedBody } from '../../src/core/parsed-body.ts';
import { COMPONENTS, type HostileBody } from './bodies.ts';

/** Schemas enough that none of those that matter is compiled when the contract has been loaded. */
const OTHERS = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [
    `/other${i}`,
    { post: { requestBody: { content: json({ type: 'object', title: `${i}` }) }, responses: ok } },
  ]),
);

/** A contract that takes bodies under the schema of `one`. */
export function contractFor({ schema }: HostileBody, patience: number): Promise<Contract> {
  const paths = { ...OTHERS, '/x': { post: { requestBody: { required: true, content: json(schema) }, responses: ok } } };
  return contractOf(api(paths, { components: COMPONENTS }), { patience });
}

/** `valid`, `skipped REASON`, or `invalid` and the first rule. */
export function judge(contract: Contract, { body }: HostileBody): string {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(bytes.length)];
  const request = { method: 'POST', path: '/x', query: '', headers };
  const match = contract.match('POST', '/x');
  if (!('operation' in match)) throw new Error('no operation');
  return said(match.operation.checkRequestBody(request, new ParsedBody([bytes], bytes.length)));
}

function said(outcome: Outcome): string {
  if (outcome.is === 'valid') return 'valid';
  return outcome.is === 'skipped' ? `skipped ${outcome.reason}` : `invalid ${outcome.violations[0]?.rule}`;
}
