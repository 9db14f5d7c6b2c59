/** The verdict through the gateway, over sockets, is that of another implementation. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { readRequest } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { schema30, value } from './generated.ts';
import { oracle30 } from './oracle.ts';

const VERDICTS: Readonly<Record<number, string>> = { 204: 'valid', 400: 'invalid', 422: 'invalid' };

it('generated schemas, one a path, and values that are posted to them', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      c.write('HTTP/1.1 204 No Content\r\n\r\n');
    }
  });
  const cases = fc.array(fc.tuple(schema30, fc.array(value, { minLength: 8, maxLength: 8 })), { minLength: 25, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(cases, async (all) => {
      // Each schema stands in a component of its own, in which a reference to the root means itself.
      const roots = all.map(
        ([schema], i) => JSON.parse(JSON.stringify(schema).replaceAll('/schemas/Root"', `/schemas/Root${i}"`)) as object,
      );
      const document = {
        openapi: '3.0.4',
        info: { title: 'Generated', version: '1.0.0' },
        paths: Object.fromEntries(
          roots.map((_, i) => {
            const schema = { $ref: `#/components/schemas/Root${i}` };
            return [
              `/p${i}`,
              { post: { requestBody: { content: { 'application/json': { schema } } }, responses: { 204: { description: '' } } } },
            ];
          }),
        ),
        components: {
          schemas: { Leaf: { type: 'integer', nullable: true }, ...Object.fromEntries(roots.map((root, i) => [`Root${i}`, root])) },
        },
      };
      await using gateway = await startTestGateway({
        upstream: origin.port,
        openapi: document,
        route: { policies: { contract: { request: 'enforce', response: 'off', onUnchecked: 'refuse' } } },
      });
      const seen = { valid: 0, invalid: 0 };
      for (const [i, [, values]] of all.entries()) {
        const oracle = await oracle30(document, `/components/schemas/Root${i}`);
        for (const data of values) {
          const body = Buffer.from(JSON.stringify(data));
          const { status } = await exchangeRaw(
            gateway.port,
            [`POST /p${i} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`],
            body,
          );
          const right = oracle(data) ? 'valid' : 'invalid';
          seen[right] += 1;
          expect(VERDICTS[status], `${JSON.stringify(roots[i])}: ${body.toString()}`).toBe(right);
        }
      }
      expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(10);
    }),
    { numRuns: 2, endOnFailure: true },
  );
});
