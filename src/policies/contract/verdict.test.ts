import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeOperation, invalid, skippedFor, violation } from '../../../test/kit/contract.ts';
import { type Outcome, type SkipReason, VALID, type Violation } from '../../core/contract.ts';
import { combine, fieldsOf, refusalOf, refusalOfResponse, uncheckedRequest, uncheckedResponse } from './verdict.ts';

const REASONS: readonly SkipReason[] = [
  'sampled',
  'too_large',
  'media_type',
  'no_schema',
  'no_contract',
  'stream',
  'overload',
  'encoding',
  'unsupported',
];

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant(VALID),
  fc.constantFrom(...REASONS).map(skippedFor),
  fc
    .array(fc.constantFrom('required', 'type', 'pattern'), { minLength: 1, maxLength: 3 })
    .map((rules) => invalid(...rules.map((rule) => ({ rule })))),
);
const violationsOf = (o: Outcome): readonly Violation[] => (o.is === 'invalid' ? o.violations : []);

describe('two verdicts on one message', () => {
  it('valid adds nothing to either', () => {
    fc.assert(
      fc.property(outcome, (o) => {
        expect([combine(VALID, o), combine(o, VALID)]).toEqual([o, o]);
      }),
    );
  });

  it('no broken rule is lost, and the order stays', () => {
    fc.assert(
      fc.property(outcome, outcome, (a, b) => {
        expect(violationsOf(combine(a, b))).toEqual([...violationsOf(a), ...violationsOf(b)]);
      }),
    );
  });

  it('it does not matter which are put together first', () => {
    fc.assert(
      fc.property(outcome, outcome, outcome, (a, b, c) => {
        expect(combine(combine(a, b), c)).toEqual(combine(a, combine(b, c)));
      }),
    );
  });

  it('what could not be judged outweighs what is right, whichever came first', () => {
    for (const reason of REASONS)
      expect([combine(skippedFor(reason), VALID), combine(VALID, skippedFor(reason))]).toEqual([skippedFor(reason), skippedFor(reason)]);
  });

  it('of two reasons that weigh the same the first is told', () => {
    expect(combine(skippedFor('too_large'), skippedFor('encoding'))).toEqual(skippedFor('too_large'));
    expect(combine(skippedFor('stream'), skippedFor('no_schema'))).toEqual(skippedFor('stream'));
  });

  it.each(['too_large', 'overload', 'encoding'] as const)('CP-3: %s is not hidden behind a reason that refuse is not about', (reason) => {
    for (const other of ['unsupported', 'no_schema', 'stream'] as const) {
      expect(combine(skippedFor(other), skippedFor(reason))).toEqual(skippedFor(reason));
      expect(combine(skippedFor(reason), skippedFor(other))).toEqual(skippedFor(reason));
    }
  });
});

describe('what a caller is told of a broken rule', () => {
  it.each([
    ['credentials', 'CREDENTIALS_MISSING'],
    ['media_type', 'UNSUPPORTED_MEDIA_TYPE'],
    ['not_acceptable', 'NOT_ACCEPTABLE'],
    ['malformed', 'MALFORMED_REQUEST'],
    ['required', 'REQUEST_CONTRACT_VIOLATION'],
    ['parameter_required', 'REQUEST_CONTRACT_VIOLATION'],
    ['constructor', 'REQUEST_CONTRACT_VIOLATION'],
  ])('ER-1: %s is %s', (rule, code) => {
    expect(refusalOf(fakeOperation(), [violation({ rule })]).code).toBe(code);
  });

  it('ER-1: the first decides: checks run from the head to the body', () => {
    const operation = fakeOperation();
    expect(refusalOf(operation, [violation({ rule: 'media_type' }), violation()]).code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(refusalOf(operation, [violation(), violation({ rule: 'media_type' })])).toMatchObject({
      code: 'REQUEST_CONTRACT_VIOLATION',
      detail: '2 rules are broken; first: amount is missing',
    });
  });

  it('ER-1: missing credentials come with the operation’s challenge', () => {
    const refused = (challenge: string | undefined) =>
      refusalOf(fakeOperation({ challenge }), [violation({ rule: 'credentials' })]).headers;
    expect([refused('Bearer realm="billing"'), refused(undefined)]).toEqual([['WWW-Authenticate', 'Bearer realm="billing"'], undefined]);
  });

  it('ER-0: fields have a dotted path, where, a code in capitals and a message', () => {
    expect(
      fieldsOf([
        violation({ pointer: '/amount/value', rule: 'minLength' }),
        violation({ pointer: '/a~1b/c~0d', location: 'header', rule: 'header_required' }),
      ]),
    ).toEqual([
      { path: 'amount.value', in: 'body', code: 'MIN_LENGTH', message: 'amount is missing' },
      { path: 'a/b.c~d', in: 'header', code: 'HEADER_REQUIRED', message: 'amount is missing' },
    ]);
    expect(fieldsOf([violation({ pointer: '' })])[0]?.path).toBe('');
  });

  it('EV-6: an answer that breaks the contract is told with the status that the upstream gave', () => {
    expect(refusalOfResponse([violation({ side: 'response' })], 200)).toMatchObject({
      code: 'RESPONSE_CONTRACT_VIOLATION',
      receivedStatus: 200,
    });
  });
});

describe('CP-3: what cannot be checked, where refuse is set', () => {
  it.each(REASONS)('CP-3: %s', (reason) => {
    const codes: Partial<Record<SkipReason, string>> = {
      too_large: 'BODY_TOO_LARGE',
      overload: 'OVERLOADED',
      encoding: 'UNSUPPORTED_MEDIA_TYPE',
    };
    expect(uncheckedRequest(reason)?.code).toBe(codes[reason]);
    const response = uncheckedResponse(reason, 200);
    if (codes[reason] === undefined) expect(response).toBeUndefined();
    else expect(response).toMatchObject({ code: 'RESPONSE_CONTRACT_VIOLATION', receivedStatus: 200, proxyDetails: reason });
  });

  it('ER-1: a 503 says when to come again', () => {
    expect(uncheckedRequest('overload')?.headers).toEqual(['Retry-After', '1']);
  });
});
