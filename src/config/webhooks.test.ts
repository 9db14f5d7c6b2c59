import { describe, expect, it, test } from 'vitest';
import { fakeContract, fakeOperation } from '../../test/kit/contract.ts';
import type { Contract, WebhookNaming } from '../core/contract.ts';
import { parseConfiguration } from './parse.ts';
import { unknownOperations } from './unknown-operations.ts';

function parse(webhooks: string, more = ', contract: c') {
  const text = `listeners: { in: {} }
contracts: { c: { openapi: c.yaml } }
routes: [{ name: r, listener: in, upstream: "http://a"${more}, webhooks: ${webhooks} }]`;
  return parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
}

test.each<readonly [written: string, read: WebhookNaming]>([
  ['newPet', { name: 'newPet' }],
  ['{ name: newPet }', { name: 'newPet' }],
  ['{ header: X-GitHub-Event }', { header: 'x-github-event', pointer: undefined }],
  ['{ header: X-GitHub-Event, pointer: /action }', { header: 'x-github-event', pointer: '/action' }],
  ['{ pointer: /data/type }', { header: undefined, pointer: '/data/type' }],
])('%s', (written, read) => {
  const { settings, problems } = parse(written);
  expect(problems).toEqual([]);
  expect(settings?.routes[0]?.webhooks).toEqual(read);
});

test('a route without webhooks is held against paths', () => {
  const text = 'listeners: { in: {} }\nroutes: [{ name: r, listener: in, upstream: "http://a" }]';
  expect(parseConfiguration({ text, file: 'x', dir: '/', env: {} }).settings?.routes[0]?.webhooks).toBeUndefined();
});

test.each([
  ['{}', 'missing_key /routes/0/webhooks'],
  ['{ name: a, header: b }', 'not_together /routes/0/webhooks'],
  ['{ name: a, pointer: /b }', 'not_together /routes/0/webhooks'],
  ['{ pointer: type }', 'malformed /routes/0/webhooks/pointer'],
  ['{ header: "a b" }', 'malformed /routes/0/webhooks/header'],
  ['true', 'wrong_type /routes/0/webhooks'],
])('%s is refused', (written, expected) => {
  expect(parse(written).problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([expected]);
});

test('they are those of a contract', () => {
  expect(parse('a', '').problems.map(({ code, pointer }) => `${code} ${pointer}`)).toContain('needs_contract /routes/0/webhooks');
});

describe('webhooks that the contract does not have', () => {
  const having = (names: readonly string[]): Contract => ({
    ...fakeContract([fakeOperation({ id: 'getPet' })]),
    webhooks: { names, named: () => fakeContract(names.map((id) => fakeOperation({ id }))) },
  });
  const found = (written: string, contract: Contract, more?: string) => {
    const { settings } = parse(written, more);
    if (settings === undefined) throw new Error('refused');
    return unknownOperations(settings, () => contract).map(({ severity, code, line, pointer, suggestion }) =>
      [severity, code, line, pointer, suggestion].join(' '),
    );
  };

  it('are told, with what may be meant', () => {
    expect(found('newPets', having(['newPet']))).toEqual(['error unknown_webhook 3 /routes/0/webhooks newPet']);
    expect(found('newPet', having(['newPet']))).toEqual([]);
  });

  it('a contract without any is told whatever names them', () => {
    for (const contract of [having([]), fakeContract([])])
      expect(found('{ header: x-event }', contract)).toEqual(['error unknown_webhook 3 /routes/0/webhooks ']);
  });

  it('operations of the route are those of the webhooks', () => {
    const policies = (id: string) => `, contract: c, policies: { contract: { operations: { ${id}: { request: off } } } }`;
    expect(found('{ header: x-event }', having(['newPet']), policies('newPet'))).toEqual([]);
    expect(found('{ header: x-event }', having(['newPet']), policies('getPet'))).toHaveLength(1);
  });
});
