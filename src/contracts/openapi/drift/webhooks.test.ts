import { expect, it } from 'vitest';
import { api, contractOf, json } from '../testing.ts';
import { head, parsed } from './testing.ts';

const hook = (more: object) => ({
  post: {
    requestBody: { content: json({ properties: { event: {}, ...more } }) },
    responses: { 200: { description: '', content: json({ properties: { taken: {} } }) } },
  },
});

it('D1: of webhooks that the body tells apart, what the one that it names does not know, and what all answers have; never of their URL', async () => {
  const { webhooks } = await contractOf(api({}, { webhooks: { opened: hook({ number: {} }), closed: hook({ reason: {} }) } }));
  const contract = webhooks?.named({ header: undefined, pointer: '/event' });
  const match = contract?.match('POST', '/anything', head().headers);
  if (match === undefined || !('operation' in match)) throw new Error('no operation');
  const { driftParts } = match.operation;
  const request = head({ query: 'x=1' });
  const told = (value: unknown) =>
    driftParts?.inBody(request, undefined, parsed(value)).map(({ specPointer, name }) => `${specPointer} ${name}`);
  expect(told({ event: 'opened', number: 1, reason: 1 })).toEqual([
    '/webhooks/opened/post/requestBody/content/application~1json/schema reason',
  ]);
  expect(told({ event: 'unknown', reason: 1 })).toEqual([]);
  expect(told('{"event":')).toEqual([]);
  expect(driftParts?.inHead(request, undefined)).toEqual([]);
  const answer = { status: 200, headers: ['Content-Type', 'application/json'] };
  expect(driftParts?.inBody(request, answer, parsed({ taken: 1, more: 2 }))).toMatchObject([{ side: 'response', name: 'more' }]);
  expect(driftParts?.inHead(request, answer)).toEqual([]);
});

it('D1: header fields that a document of webhooks names nowhere are told of at its webhooks', async () => {
  const headers = { 'X-Taken': { schema: {} } };
  const post = { responses: { 200: { description: '', headers } } };
  const { webhooks } = await contractOf(api({}, { webhooks: { opened: { post } } }));
  const [operation] = webhooks?.named({ name: 'opened' }).operations ?? [];
  const found = operation?.driftParts?.inHead(head(), { status: 200, headers: ['X-New', '1'] });
  expect(found?.map(({ specPointer, name }) => `${specPointer} ${name}`)).toEqual(['/webhooks x-new']);
});
