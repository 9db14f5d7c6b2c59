import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebhookNaming } from '../../../core/contract.ts';
import { ParsedBody } from '../../../core/parsed-body.ts';
import { api, contractOf, json, load, ok } from '../testing.ts';
import { Names, spelling } from './names.ts';

const hook = (required: string, more: object = {}) => ({
  post: { requestBody: { required: true, content: json({ type: 'object', required: [required] }) }, responses: ok, ...more },
});

const document = (webhooks: Readonly<Record<string, unknown>>, more: object = {}) => api({}, { webhooks, ...more });

async function view(webhooks: Readonly<Record<string, unknown>>, naming: WebhookNaming) {
  const contract = await contractOf(document(webhooks));
  const named = contract.webhooks?.named(naming);
  if (named === undefined) throw new Error('no webhooks');
  return named;
}

describe('the spelling of a name', () => {
  it.each([
    ['branch_protection_rule', 'branch-protection-rule'],
    ['invoice.paid', 'invoice-paid'],
    ['invoicePaid', 'invoice-paid'],
    ['INVOICE PAID', 'invoice-paid'],
    ['v1/invoice', 'v1-invoice'],
  ])('%s', (name, spelt) => {
    expect(spelling(name)).toBe(spelt);
  });

  it('is a spelling of itself', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(spelling(spelling(name))).toBe(spelling(name));
      }),
    );
  });
});

describe('names', () => {
  it('that are alike are told apart by their exact spelling alone', () => {
    const names = new Names(
      new Map([
        ['a-b', 1],
        ['a.b', 2],
        ['c-d', 3],
      ]),
    );
    expect(['a-b', 'a.b', 'a_b', 'c_d', 'x'].map((name) => names.get(name))).toEqual([1, 2, undefined, 3, undefined]);
  });

  it('of objects are no names', () => {
    const names = new Names(new Map([['a', 1]]));
    expect(['constructor', '__proto__', ''].map((name) => names.get(name))).toEqual([undefined, undefined, undefined]);
  });
});

describe('the webhooks of a document', () => {
  it('are no paths: what is sent to a path is not held against them', async () => {
    const contract = await contractOf(document({ newPet: hook('name') }));
    expect([contract.match('POST', '/newPet'), contract.operations, contract.webhooks?.names]).toEqual([{ miss: 'path' }, [], ['newPet']]);
  });

  it('need no paths, but one of both must be there, or components for others to refer to', async () => {
    const only = { openapi: '3.1.0', info: { title: 'T', version: '1' } };
    expect((await load({ 'a.json': { ...only, webhooks: {} } })).problems).toEqual([]);
    expect((await load({ 'a.json': only })).problems.map(({ code }) => code)).toEqual(['missing_paths']);
    const library = await load({ 'a.json': { ...only, components: {} } });
    expect(library.problems.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning no_operations']);
    const old = await load({ 'a.json': { ...only, openapi: '3.0.3', webhooks: {} } });
    expect(old.problems.map(({ code }) => code)).toEqual(['missing_paths', 'not_in_this_version']);
  });

  it('are named as operations are: by operationId, without one by method and name', async () => {
    const both = { ...hook('a'), put: { operationId: 'putPet', responses: ok } };
    const named = await view({ newPet: both }, { name: 'newPet' });
    expect(named.operations.map(({ id, template, specPointer }) => [id, template, specPointer])).toEqual([
      ['POST newPet', 'newPet', '/webhooks/newPet/post'],
      ['putPet', 'newPet', '/webhooks/newPet/put'],
    ]);
    expect(named.match('PUT', '/any')).toMatchObject({ operation: { id: 'putPet' } });
    expect(named.match('GET', '/any')).toEqual({ miss: 'method', allow: ['POST', 'PUT'] });
  });

  it('their schemas are checked as those of paths', async () => {
    const broken = { post: { requestBody: { content: json({ type: 'strin' }) }, responses: ok } };
    const { contract, problems } = await load({ 'a.json': document({ newPet: broken }) });
    expect([contract, problems.map((p) => `${p.severity} ${p.code}`)]).toEqual([undefined, ['error bad_schema']]);
  });

  it('one view for one naming, with the name and the digest of the contract', async () => {
    const contract = await contractOf(document({ a: hook('x') }));
    const first = contract.webhooks?.named({ header: 'x-event', pointer: undefined });
    expect(first).toBe(contract.webhooks?.named({ header: 'x-event', pointer: undefined }));
    expect([first?.name, first?.digest, first?.viewOf?.contract]).toEqual([contract.name, contract.digest, contract]);
  });

  it('are prepared in the background once a route asks for them', async () => {
    const contract = await contractOf(document({ a: hook('x') }));
    expect(contract.warmUp()).toBe(false);
    const named = contract.webhooks?.named({ name: 'a' });
    expect(named?.warmUp()).toBe(true);
    while (contract.warmUp());
    expect(named?.warmUp()).toBe(false);
  });
});

describe('a webhook that the body names', () => {
  const NAMING = { header: undefined, pointer: '/type' } as const;
  const HEADERS = ['Content-Type', 'application/json'];
  const request = { method: 'POST', path: '/', query: '', headers: HEADERS };
  const body = (text: string): ParsedBody => new ParsedBody([Buffer.from(text)], text.length);

  async function operationOf(
    webhooks: Readonly<Record<string, unknown>>,
    naming: WebhookNaming = NAMING,
    headers: readonly string[] = HEADERS,
  ) {
    const match = (await view(webhooks, naming)).match('POST', '/', headers);
    if (!('operation' in match)) throw new Error('no match');
    return match.operation;
  }

  it('one operation stands for all of them', async () => {
    const operation = await operationOf({ a: hook('x'), b: hook('y') });
    expect([operation.id, operation.deprecated, operation.specPointer]).toEqual(['webhooks', false, '/webhooks']);
  });

  it.each([
    ['{"type":"a","x":1}', 'valid'],
    ['{"type":"a"}', 'required'],
    ['{"type":"c"}', 'undocumented_webhook'],
    ['{"type":1}', 'undocumented_webhook'],
    ['{}', 'undocumented_webhook'],
    ['[]', 'undocumented_webhook'],
    ['null', 'undocumented_webhook'],
    ['{', 'malformed'],
  ])('%s: %s', async (text, expected) => {
    const operation = await operationOf({ a: hook('x'), b: hook('y') });
    const outcome = operation.checkRequestBody(request, body(text));
    expect(outcome.is === 'invalid' ? outcome.violations[0]?.rule : outcome.is).toBe(expected);
  });

  it('its head is judged with its body', async () => {
    const parameters = [{ name: 'X-Id', in: 'header', required: true, schema: {} }];
    const operation = await operationOf({ a: hook('x', { parameters }) });
    const found = (text: string) => {
      const outcome = operation.checkRequestBody(request, body(text));
      return outcome.is === 'invalid' ? outcome.violations.map(({ rule, location }) => `${rule} ${location}`) : outcome.is;
    };
    expect(operation.checkRequestHead(request, new Map()).is).toBe('valid');
    expect([found('{"type":"a","x":1}'), found('{"type":"a"}')]).toEqual([
      ['parameter_required header'],
      ['parameter_required header', 'required body'],
    ]);
  });

  it('no body names none', async () => {
    const operation = await operationOf({ a: hook('x') });
    expect(operation.checkRequestBody(request, undefined)).toMatchObject({ violations: [{ rule: 'undocumented_webhook' }] });
  });

  it('a header that says the whole name needs no body, one that says its beginning does', async () => {
    const naming = { header: 'x-event', pointer: '/action' } as const;
    const webhooks = { push: hook('ref'), 'issues-opened': hook('issue'), issues: hook('any') };
    const push = await operationOf(webhooks, naming, ['X-Event', 'push']);
    expect(push.specPointer).toBe('/webhooks/push/post');
    const issues = await operationOf(webhooks, naming, ['X-Event', 'issues']);
    const rules = (text: string) => {
      const outcome = issues.checkRequestBody(request, body(text));
      return outcome.is === 'invalid' ? outcome.violations.map(({ pointer }) => pointer) : outcome.is;
    };
    // Without an action, or with another one, the webhook of the event itself is meant.
    expect([rules('{"action":"opened"}'), rules('{}'), rules('{"action":"other"}')]).toEqual([['/issue'], ['/any'], ['/any']]);
  });

  it('what the body says is in another media type cannot be told', async () => {
    const operation = await operationOf({ a: hook('x') });
    const looks = (...headers: string[]) => operation.looksAtBody('request', { ...request, headers }, undefined);
    expect([
      looks(...HEADERS),
      looks('Content-Type', 'application/cloudevents+json'),
      looks('Content-Type', 'text/plain'),
      looks(),
    ]).toEqual([true, true, 'media_type', 'media_type']);
  });

  it('answers are judged where all document the same ones', async () => {
    const answer = { status: 500, headers: [] };
    const same = await operationOf({ a: hook('x'), b: hook('y') });
    expect(same.checkResponseHead(request, answer)).toMatchObject({ is: 'invalid', violations: [{ rule: 'undocumented_status' }] });
    const other = await operationOf({ a: hook('x'), b: hook('y', { responses: { 201: { description: 'other' } } }) });
    expect(other.checkResponseHead(request, answer)).toEqual({ is: 'skipped', reason: 'unsupported' });
    expect(other.looksAtBody('response', request, answer)).toBe('unsupported');
  });
});
