import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { errorCode } from './error-code.ts';

const of = (body: unknown, status = 400): string | undefined => errorCode(body, status);

describe('the code of an error answer', () => {
  it.each<readonly [where: string, body: unknown, code: string]>([
    ['at the top', { code: 'card_declined', detail: 'x' }, 'card_declined'],
    ['of a problem', { type: 'about:blank', title: 'Conflict', status: 409, code: 'CONFLICT' }, 'CONFLICT'],
    ['below error', { error: { code: 'resource_missing', type: 'invalid_request_error' } }, 'resource_missing'],
    ['of JSON:API', { errors: [{ code: 'VAL-001' }, { code: 'VAL-002' }] }, 'VAL-001'],
    ['of GraphQL', { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }, 'UNAUTHENTICATED'],
    ['of Salesforce', [{ message: 'no', errorCode: 'INVALID_FIELD' }], 'INVALID_FIELD'],
    ['of a list', [{ code: 'a.b' }], 'a.b'],
    ['of OAuth 2.0', { error: 'invalid_grant', error_description: 'no' }, 'invalid_grant'],
    ['of OpenAI, which leaves the code null', { error: { code: null, type: 'invalid_request_error' } }, 'invalid_request_error'],
    ['of Google, whose number is the status', { error: { code: 400, status: 'INVALID_ARGUMENT' } }, 'INVALID_ARGUMENT'],
    ['of Twilio', { code: 21211, status: 400 }, '21211'],
    ['of JSON-RPC', { error: { code: -32601 } }, '-32601'],
    ['in other spellings', { errorCode: 'E1001' }, 'E1001'],
    ['and in these', { error_code: 'Order.Limit' }, 'Order.Limit'],
    ['the most telling first', { error: 'bad_request', code: 'order_closed' }, 'order_closed'],
    ['the next where the first is none', { code: 'This is not a code', error: { code: 'is_one' } }, 'is_one'],
  ])('%s', (_where, body, code) => {
    expect(of(body)).toBe(code);
  });

  it.each<unknown>([
    'Card was declined',
    'jane@example.com',
    '6f1c2a34-9d0b-4c8e-a7f1-0d2b3c4e5f60',
    'V1StGXR8_Z5jdHi6B-myT',
    'a1b2c3d4',
    '4242424242424242',
    'ord_123456',
    '1234567',
    123456,
    1.5,
    400,
    '400',
    '',
    ' ',
    '_other',
    'a'.repeat(65),
    'naïve',
    'x__y',
    '-x',
    'x-',
    '<script>',
    'a\nb',
    true,
    null,
    {},
    ['a'],
  ])('is never %j at `code`', (value) => {
    expect(of({ code: value })).toBeUndefined();
  });

  it('is not what objects inherit', () => {
    const inherited: unknown = Object.create({ code: 'no' });
    expect([of(inherited), of(JSON.parse('{"__proto__":{"code":"no"}}'))]).toEqual([undefined, undefined]);
  });

  it.each<unknown>([
    undefined,
    null,
    1,
    'code',
    [],
    [[]],
    { errors: {} },
    { errors: [] },
    { errors: [null] },
    { error: [] },
    { errors: { 0: { code: 'x' } } },
  ])('is none in %j', (body) => {
    expect(of(body)).toBeUndefined();
  });

  it('is short, printable and has few digits, whatever is sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uuid(), fc.base64String(), fc.emailAddress(), fc.integer(), fc.double()), (value) => {
        const code = of({ code: value }) ?? 'none';
        expect(code).toMatch(/^-?[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/);
        expect(code.replace(/\D/g, '').length).toBeLessThanOrEqual(5);
      }),
    );
  });
});
