import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeDownstream } from '../../test/kit/downstream.ts';
import { exchange } from '../../test/kit/exchange.ts';
import { RequestBodyReader } from './body.ts';
import { ByteBudget } from './byte-budget.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function reader(body: 'chunked' | number | undefined, budgetBytes = 1_000_000) {
  const reading = new RequestBodyReader(new FakeDownstream({ body }), new ByteBudget(budgetBytes));
  reading.belongsTo(exchange());
  return reading;
}

describe('ID-1: the digest of a body', () => {
  it('ID-1: is that of its bytes, however they came, kept or not', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }), fc.constantFrom(0, 60, 1000), (chunks, keep) => {
        const body = reader('chunked', 100);
        if (keep > 0) body.keep(keep);
        const digest = body.digest();
        for (const chunk of chunks) {
          expect(digest.value()).toBeUndefined();
          body.onData(chunk);
        }
        body.onEnd();
        expect(digest.value()).toBe(sha256(Buffer.concat(chunks)));
        expect(body.digest()).toBe(digest);
        expect(digest.value()).toBe(digest.value());
      }),
    );
  });

  it('ID-1: of no body is that of no bytes', () => {
    expect(reader(undefined).digest().value()).toBe(sha256(new Uint8Array(0)));
  });

  it('has what was kept before it was asked for', () => {
    const body = reader(6);
    body.keep(100);
    body.onData(Buffer.from('abc'));
    const digest = body.digest();
    body.onData(Buffer.from('def'));
    body.onEnd();
    expect(digest.value()).toBe(sha256(Buffer.from('abcdef')));
  });
});
