import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReviewError, readReview } from './review.ts';

const REQUEST = {
  uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  namespace: 'shop',
  operation: 'CREATE',
  object: { metadata: {}, spec: {} },
  oldObject: null,
  dryRun: true,
};

const review = (request: unknown, more: object = {}): Uint8Array =>
  Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request, ...more }));

it('what the API server sends is read', () => {
  expect(readReview(review(REQUEST))).toEqual({
    uid: REQUEST.uid,
    operation: 'CREATE',
    subResource: '',
    kind: REQUEST.kind,
    namespace: 'shop',
    name: '',
    object: REQUEST.object,
  });
});

it('only what is created is looked at', () => {
  expect(readReview(review({ ...REQUEST, operation: 'DELETE', object: null })).object).toBeUndefined();
});

describe('it is said what is wrong', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /no JSON in UTF-8/],
    ['no JSON', Buffer.from('{"uid": }'), /^the body is no JSON in UTF-8$/],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /no JSON in UTF-8/],
    ['a list', Buffer.from('[]'), /the body must be an object, not a list/],
    ['null', Buffer.from('null'), /must be an object, not null/],
    [
      'another version',
      review(REQUEST, { apiVersion: 'admission.k8s.io/v1beta1' }),
      /not "AdmissionReview" of "admission.k8s.io\/v1beta1"/,
    ],
    ['another kind', review(REQUEST, { kind: 'Pod' }), /an AdmissionReview of admission.k8s.io\/v1 is wanted, not "Pod"/],
    ['no request', review(undefined), /request must be an object, not nothing/],
    ['no uid', review({ ...REQUEST, uid: undefined }), /request.uid must be a string, not nothing/],
    ['an empty uid', review({ ...REQUEST, uid: '' }), /request.uid has 1 to 256 characters/],
    ['a uid without end', review({ ...REQUEST, uid: 'x'.repeat(257) }), /request.uid has 1 to 256 characters/],
    ['no kind', review({ ...REQUEST, kind: 'Pod' }), /request.kind must be an object, not "Pod"/],
    ['no operation', review({ ...REQUEST, operation: ['CREATE'] }), /request.operation must be a string, not a list/],
    ['no object', review({ ...REQUEST, object: null }), /request.object must be an object, not null/],
    ['a namespace that is none', review({ ...REQUEST, namespace: 7 }), /request.namespace must be a string, not 7/],
    ['much of it', review({ ...REQUEST, object: 'x'.repeat(1000) }), /^.{0,120}$/],
  ])('%s', (_, body, expected) => {
    expect(() => readReview(body)).toThrow(ReviewError);
    expect(() => readReview(body)).toThrow(expected);
  });
});

it('nesting without end is read or refused', () => {
  const deep = Buffer.from(`${'['.repeat(300_000)}${']'.repeat(300_000)}`);
  expect(() => readReview(deep)).toThrow(ReviewError);
});

it('whatever comes, it is a review or a ReviewError', () => {
  const member = fc.constantFrom('apiVersion', 'kind', 'request', 'uid', 'operation', 'object', '__proto__');
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.constantFrom('admission.k8s.io/v1', 'AdmissionReview', 'CREATE'), tie('record')),
    record: fc.dictionary(member, tie('value')),
  }));
  const isTold = (value: unknown, whole: boolean): boolean => {
    try {
      return readReview(whole ? Buffer.from(JSON.stringify(value) ?? '') : review(value)) !== undefined;
    } catch (error) {
      return error instanceof ReviewError;
    }
  };
  expect(() => fc.assert(fc.property(json.value, fc.boolean(), isTold), { numRuns: 60 })).not.toThrow();
});
