import { describe, expect, it } from 'vitest';
import { fakeOperation, invalid, skippedFor, violation } from '../../../test/kit/contract.ts';
import { type Operation, type Trait, VALID, type Violation } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import { driftOfAccepted, driftOfAnswer, gathered, goneOperation, isTaken, refusedValid } from './drift.ts';
import { VALID_BUT_IGNORED } from './ignored.ts';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
const answer = (status: number, type = 'application/json') => ({ status, headers: ['Content-Type', type] });
const broken = (more: Partial<Violation>): Violation => violation({ side: 'response', specPointer: '/components/schemas/Pet/x', ...more });
const ofAnswer = (more: Partial<Violation>, status = 200, type?: string): Drift =>
  driftOfAnswer(broken({ pointer: '/x', ...more }), answer(status, type), NOW);

describe('broken rules of an answer', () => {
  it.each<[rule: string, kind: Drift['kind']]>([
    ['type', 'type'],
    ['parameter_format', 'type'],
    ['format', 'format'],
    ['enum', 'undocumented_enum_value'],
    ['const', 'undocumented_enum_value'],
    ['required', 'missing_required'],
    ['dependentRequired', 'missing_required'],
    ['header_required', 'missing_required'],
    ['body_required', 'missing_required'],
    ['additionalProperties', 'undocumented_field'],
    ['unevaluatedProperties', 'undocumented_field'],
    ['undocumented_status', 'undocumented_status'],
    ['media_type', 'undocumented_media_type'],
    ['pattern', 'constraint'],
    ['minimum', 'constraint'],
    ['oneOf', 'constraint'],
    ['not', 'constraint'],
    ['malformed', 'constraint'],
  ])('%s is called %s', (rule, kind) => {
    expect(ofAnswer({ rule }).kind).toBe(kind);
  });

  it.each<[what: string, Partial<Violation>, name: string]>([
    ['a missing member by its name', { rule: 'required', pointer: '/items/3/id' }, 'id'],
    ['an unescaped name', { rule: 'required', pointer: '/a~1b~0c' }, 'a/b~c'],
    ['a header by its name', { rule: 'header_required', location: 'header', pointer: '/X-Rate' }, 'X-Rate'],
    ['a member too many as its place has it', { rule: 'additionalProperties', pointer: '/7f3a-99', trait: { place: '/*' } }, '*'],
    ['a type by its place alone', { rule: 'type' }, ''],
    ['a rule whose place is named after it by that alone', { rule: 'pattern', specPointer: '/components/schemas/A/pattern' }, ''],
    ['any other by the rule', { rule: 'malformed', specPointer: '/paths/~1a/get/responses/200/content/application~1json' }, 'malformed'],
  ])('%s', (_, more, name) => {
    expect(ofAnswer(more).name).toBe(name);
  });

  it('a status by itself', () => {
    expect(ofAnswer({ rule: 'undocumented_status', location: 'status', pointer: '' }, 418)).toMatchObject({ name: '418' });
  });

  it.each([
    ['Text/HTML; charset=utf-8', 'text/html'],
    [' application/vnd.a+json ;v=2', 'application/vnd.a+json'],
    ['neither one nor the other', '*/*'],
    [`text/${'x'.repeat(70)}`, '*/*'],
  ])('a media type by its essence: %s', (type, name) => {
    expect(ofAnswer({ rule: 'media_type', location: 'media_type', pointer: '' }, 200, type).name).toBe(name);
  });

  it('the media type of a part is not that of the body', () => {
    expect(ofAnswer({ rule: 'media_type', location: 'media_type', pointer: '/photo' }).name).toBe('');
  });

  it.each<[Trait, Partial<Drift>]>([
    [
      { place: '/prices/*/amount', type: 'string', format: 'date' },
      { pointer: '/prices/*/amount', types: ['string'], formats: ['date'] },
    ],
    [{}, { pointer: '/rows/*/a', types: [], formats: [] }],
  ])('the pointer holds no value, and the evidence none either', (trait, seen) => {
    expect(ofAnswer({ rule: 'type', pointer: '/rows/0/a', trait })).toMatchObject(seen);
  });

  it('the name of a parameter may be a number', () => {
    expect(ofAnswer({ rule: 'type', location: 'header', pointer: '/7' }).pointer).toBe('/7');
  });

  it('alternatives of which none fits the type are a matter of type, those that nobody names one of values', () => {
    expect(ofAnswer({ rule: 'oneOf', trait: { fits: 'no_type' } }).kind).toBe('type');
    expect(ofAnswer({ rule: 'anyOf', trait: { fits: 'no_name' } }).kind).toBe('undocumented_enum_value');
  });

  it.each([
    ['that has no date', undefined, 'gone_before_sunset'],
    ['whose day is still to come', NOW + DAY, 'gone_before_sunset'],
    ['whose day has come', NOW, 'missing_required'],
  ] as const)('a required member that is deprecated, %s', (_, sunsetAt, kind) => {
    expect(ofAnswer({ rule: 'required', trait: { deprecated: { sunsetAt } } }).kind).toBe(kind);
  });

  it('has a value only where the violation was left one', () => {
    expect(ofAnswer({ rule: 'enum' })).not.toHaveProperty('value');
    expect(ofAnswer({ rule: 'enum', value: '"b"' }).value).toBe('"b"');
  });
});

describe('broken rules of a request that was taken', () => {
  const accepted = (more: Partial<Violation>) => driftOfAccepted(violation(more), ['Content-Type', 'Image/PNG']);

  it('one for each broken place, by the rule and what it names', () => {
    expect(accepted({ rule: 'required', pointer: '/a/name' })).toMatchObject({ kind: 'invalid_accepted', name: 'required name' });
    expect(accepted({ rule: 'maxLength', pointer: '/a/name' })).toMatchObject({ kind: 'invalid_accepted', name: 'maxLength' });
    expect(accepted({ rule: 'credentials', location: 'security', pointer: '' })).toMatchObject({ name: 'credentials' });
  });

  it('what nobody declared is undocumented', () => {
    expect(accepted({ rule: 'undocumented_body', pointer: '' })).toMatchObject({ kind: 'undocumented_body' });
    const type = accepted({ rule: 'media_type', location: 'media_type', pointer: '' });
    expect(type).toMatchObject({ kind: 'undocumented_media_type', name: 'image/png' });
    const webhook = accepted({ rule: 'undocumented_webhook', trait: { named: 'pet.sold' } });
    expect(webhook).toMatchObject({ kind: 'undocumented_webhook', name: 'pet.sold' });
  });

  it('a server may take no notice of Accept', () => {
    expect(accepted({ rule: 'not_acceptable', location: 'header', pointer: '/Accept' })).toBeUndefined();
  });
});

describe('what the status says', () => {
  it.each([101, 200, 202, 204, 206, 304])('%i: the service took the request', (status) => {
    expect(isTaken(status)).toBe(true);
  });
  it.each([300, 301, 302, 303, 307, 308, 400, 401, 404, 412, 429, 500, 503])('%i: it did not', (status) => {
    expect(isTaken(status)).toBe(false);
  });

  it.each([400, 422])('%i to a valid request: the service is stricter', (status) => {
    expect(refusedValid(fakeOperation(), VALID, status)).toMatchObject({ kind: 'valid_refused', name: String(status) });
  });
  it.each([401, 403, 404, 409, 413, 415, 429, 500])('%i is about something else', (status) => {
    expect(refusedValid(fakeOperation(), VALID, status)).toBeUndefined();
  });
  it.each([
    ['invalid', invalid({})],
    ['not judged as a whole', skippedFor('media_type')],
    ['valid but for what is ignored', VALID_BUT_IGNORED],
  ])('a request that is %s may be refused', (_, verdict) => {
    expect(refusedValid(fakeOperation(), verdict, 400)).toBeUndefined();
  });
});

describe('an operation that is gone before its time', () => {
  const of = (more: Partial<Operation>): Operation => ({ ...fakeOperation(), deprecated: true, template: '/pets', ...more });
  const ending = (sunsetAt: number | undefined) => ({ deprecatedAt: undefined, sunsetAt, successor: undefined, info: undefined });

  it.each([404, 405, 410, 501])('%i', (status) => {
    expect(goneOperation(of({}), status, NOW)).toMatchObject({ kind: 'gone_before_sunset', side: 'response', name: 'POST /pets' });
  });
  it.each([200, 400, 401, 403, 500, 503])('%i says nothing of it', (status) => {
    expect(goneOperation(of({}), status, NOW)).toBeUndefined();
  });
  it('404 may mean the pet', () => {
    expect(goneOperation(of({ template: '/pets/{id}' }), 404, NOW)).toBeUndefined();
    expect(goneOperation(of({ template: '/pets/{id}' }), 410, NOW)).toBeDefined();
  });
  it('what the contract says of a status is no news, but for 410 where there is no thing that it could mean', () => {
    const names = { namesStatus: () => true };
    expect([404, 405, 501].map((status) => goneOperation(of(names), status, NOW))).toEqual([undefined, undefined, undefined]);
    expect(goneOperation(of({ ...names, template: '/pets/{id}' }), 410, NOW)).toBeUndefined();
    expect(goneOperation(of(names), 410, NOW)).toBeDefined();
  });
  it('not one that stays, and not when its day has come', () => {
    expect(goneOperation(of({ deprecated: false }), 410, NOW)).toBeUndefined();
    expect(goneOperation(of({ deprecation: ending(NOW + DAY) }), 410, NOW)).toBeDefined();
    expect(goneOperation(of({ deprecation: ending(NOW) }), 410, NOW)).toBeUndefined();
  });
});

describe('things seen in many places of one message', () => {
  const one = (types: string[], name = 'a'): Drift => ({
    kind: 'type',
    side: 'response',
    location: 'body',
    pointer: '/*/a',
    specPointer: '/s',
    name,
    types,
    formats: [],
  });

  it('are one, with all the evidence', () => {
    expect(gathered([one(['string']), one(['null']), one(['string'])])).toEqual([one(['string', 'null'])]);
  });
  it('are two where another name is meant', () => {
    expect(gathered([one(['string']), one(['string'], 'b')])).toHaveLength(2);
  });
});
