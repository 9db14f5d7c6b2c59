/** For generated schemas and values the verdict is that of another implementation: interpreted, compiled and through an operation. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { api, contractOf, request } from '../../src/contracts/openapi/testing.ts';
import { schema2020, schema30, value } from './generated.ts';
import { oracle2020, oracle30 } from './oracle.ts';
import { judge } from './suite.ts';

const values = fc.array(value, { minLength: 6, maxLength: 6 });

describe('a second opinion', () => {
  it('on schemas of 2020-12', async () => {
    const seen = { valid: 0, invalid: 0 };
    await fc.assert(
      fc.asyncProperty(schema2020, values, async (schema, all) => {
        const oracle = await oracle2020(schema);
        const tests = all.map((data) => ({ description: JSON.stringify(data), data, valid: oracle(data) }));
        for (const { valid } of tests) seen[valid ? 'valid' : 'invalid'] += 1;
        for (const [i, verdict] of (await judge({ schema, tests }, { version: '3.1', formats: 'annotate' })).entries())
          expect(verdict, tests[i]?.description).toEqual({ interpreted: verdict.right, compiled: verdict.right, right: verdict.right });
      }),
      { numRuns: 300 },
    );
    // Both verdicts must occur, or nothing was compared.
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(200);
  });

  it('on schemas of OpenAPI 3.0, through an operation', async () => {
    const seen = { valid: 0, invalid: 0 };
    await fc.assert(
      fc.asyncProperty(schema30, values, async (schema, all) => {
        const document = {
          ...api({
            '/x': { post: { requestBody: { content: { 'application/json': { schema } } }, responses: { 200: { description: '' } } } },
          }),
          openapi: '3.0.4',
          components: { schemas: { Root: schema, Leaf: { type: 'integer', nullable: true } } },
        };
        const oracle = await oracle30(document, '/components/schemas/Root');
        const contract = await contractOf(document);
        for (const data of all) {
          const outcome = request(contract, 'POST /x', { body: JSON.stringify(data) });
          const right = oracle(data) ? 'valid' : 'invalid';
          seen[right] += 1;
          expect('is' in outcome ? outcome.is : outcome, JSON.stringify(data)).toBe(right);
        }
      }),
      { numRuns: 150 },
    );
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100);
  });
});
