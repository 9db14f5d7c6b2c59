import { describe, expect, it } from 'vitest';
import { api, contractOf, json, ok } from '../../src/contracts/openapi/testing.ts';
import type { Contract, Outcome } from '../../src/core/contract.ts';
import { ParsedBody } from '../../src/core/parsed-body.ts';
import { WORKER_PATIENCE } from '../../src/app/contract-again.ts';
import { BODIES, COMPONENTS, type HostileBody } from './bodies.ts';
import { HELD_MS, held } from './held.ts';

const LEFT_TO_THE_WORKER = 'skipped too_large';

/** Schemas enough that none of those that matter is compiled when the contract has been loaded. */
const OTHERS = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [
    `/other${i}`,
    { post: { requestBody: { content: json({ type: 'object', title: `${i}` }) }, responses: ok } },
  ]),
);

describe('bodies that are written to take long', () => {
  it.each(BODIES)('$name: a verdict, soon', async (one) => {
    const fresh = await contractFor(one, 1);
    const first = held(() => judge(fresh, one));
    const warm = await contractFor(one, 1);
    while (warm.warmUp());
    const compiled = held(() => judge(warm, one));
    expect([one.verdict, LEFT_TO_THE_WORKER]).toContain(first.result);
    expect(compiled.result).toBe(one.slow === true ? LEFT_TO_THE_WORKER : one.verdict);
    expect(Math.max(first.ms, compiled.ms)).toBeLessThan(HELD_MS);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  // What is too much for the worker, too, takes it a second to find out: `scripts/ci/hostile.ts` looks at that.
  it.each(BODIES.filter(({ slow, verdict }) => slow && verdict !== LEFT_TO_THE_WORKER))(
    '$name: what the worker makes of it',
    async (one) => {
      const contract = await contractFor(one, WORKER_PATIENCE);
      while (contract.warmUp());
      expect(judge(contract, one)).toBe(one.verdict);
    },
  );
});

function contractFor({ schema }: HostileBody, patience: number): Promise<Contract> {
  const paths = { ...OTHERS, '/x': { post: { requestBody: { required: true, content: json(schema) }, responses: ok } } };
  return contractOf(api(paths, { components: COMPONENTS }), { patience });
}

function judge(contract: Contract, { body }: HostileBody): string {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const request = {
    method: 'POST',
    path: '/x',
    query: '',
    headers: ['Content-Type', 'application/json', 'Content-Length', String(bytes.length)],
  };
  const match = contract.match('POST', '/x');
  if (!('operation' in match)) throw new Error('no operation');
  return said(match.operation.checkRequestBody(request, new ParsedBody([bytes], bytes.length)));
}

function said(outcome: Outcome): string {
  if (outcome.is === 'valid') return 'valid';
  return outcome.is === 'skipped' ? `skipped ${outcome.reason}` : `invalid ${outcome.violations[0]?.rule}`;
}
