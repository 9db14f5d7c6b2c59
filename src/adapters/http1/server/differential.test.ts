/** What is valid means the same here and to Node's own parser. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { serve } from '../../../../test/kit/http1-server.ts';

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: string;
}

const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019!#$%&*+.^_`|~-'), minLength: 1, maxLength: 12 });
const value = fc
  .string({ unit: fc.constantFrom(...'ab Z09\t"(),/:;<=>?@[]{}\\\x80\xe4\xff'), maxLength: 30 })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const field = fc.tuple(
  token.map((name) => `x-${name}`),
  fc.constantFrom('', ' ', '\t', '  '),
  value,
  fc.constantFrom('', ' ', '\t '),
);
const target = fc.string({ unit: fc.constantFrom(...'abZ09-._~%!$&()*+,;=:@/?[]{}|^"<>`'), maxLength: 30 }).map((rest) => `/${rest}`);
const body = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((text) => ({ fields: [`Content-Length: ${text.length}`], text })),
  fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }), { maxLength: 5 }).map((chunks) => ({
    fields: ['Transfer-Encoding: chunked'],
    text: `${chunks.map((chunk) => `${chunk.length.toString(16).padStart(3, '0')};x="y"\r\n${chunk}\r\n`).join('')}0\r\n\r\n`,
  })),
);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'M-SEARCH');

test('requests that are right are told of as Node tells of them', async () => {
  const byNode: Seen[] = [];
  const node = createServer({ requireHostHeader: false }, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      byNode.push({
        method: req.method ?? '',
        target: req.url ?? '',
        headers: req.rawHeaders,
        body: Buffer.concat(chunks).toString('latin1'),
      });
      res.writeHead(200, { 'Content-Length': 0 }).end();
    });
  });
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
  await using served = await serve((taken) => taken.collect(() => taken.answer(taken.refusal === undefined ? 200 : 400, '')), {
    underscores: 'pass',
  });
  const [theirs, ours] = [await connectRaw((node.address() as AddressInfo).port), await connectRaw(served.port)];
  try {
    await fc.assert(
      fc.asyncProperty(method, target, fc.array(field, { maxLength: 8 }), body, async (verb, path, fields, content) => {
        const lines = fields.map(([name, before, text, after]) => `${name}:${before}${text}${after}`);
        const text = `${[`${verb} ${path} HTTP/1.1`, 'Host: x', ...lines, ...(content?.fields ?? [])].join('\r\n')}\r\n\r\n${content?.text ?? ''}`;
        for (const c of [theirs, ours]) c.write(text);
        for (const c of [theirs, ours]) expect((await c.readUntil('\r\n\r\n')).toString()).toMatch(/^HTTP\/1\.1 200 /);
        const taken = served.taken.at(-1);
        expect({ ...taken?.head, body: taken?.body.toString('latin1') }).toMatchObject(byNode.at(-1) ?? {});
      }),
      { numRuns: 500 },
    );
  } finally {
    for (const c of [theirs, ours]) c.destroy();
    node.close();
  }
});
