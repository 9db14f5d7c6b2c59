import { describe, expect, it } from 'vitest';
import type { OutcomeItem, OutcomeQuery, Settlement, Views } from '../core/views.ts';
import { admin, get } from './testing/servers.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const ITEM = { id: 'a1-0', state: 'settled' } as OutcomeItem;

function post(port: number, path: string, body: string, headers: Record<string, string> = JSON_TYPE) {
  return get(port, path, { 'Content-Length': String(Buffer.byteLength(body)), ...headers }, 'POST', body);
}

/** The settlements that reached the views. */
function settling(): { readonly said: Array<readonly [string, Settlement]>; readonly views: Partial<Views> } {
  const said: Array<readonly [string, Settlement]> = [];
  return {
    said,
    views: {
      settleOutcome: (id, settlement) => {
        said.push([id, settlement]);
        return id === 'a1-0' ? ITEM : undefined;
      },
    },
  };
}

describe('/api/outcomes', () => {
  it('passes the filters on', async () => {
    const asked: OutcomeQuery[] = [];
    const port = await admin({
      outcomes: (query) => {
        asked.push(query);
        return { items: [ITEM], next: 'a1-0' };
      },
    });
    const r = await get(port, '/api/outcomes?api=a&operation=POST%20%2Fx&consumer=c%26d&state=open&limit=1000&after=z-9');
    expect(r.json()).toEqual({ items: [ITEM], next: 'a1-0' });
    await get(port, '/api/outcomes');
    expect(asked).toEqual([
      { api: 'a', operation: 'POST /x', consumer: 'c&d', state: 'open', limit: 1000, after: 'z-9' },
      { api: undefined, operation: undefined, consumer: undefined, state: undefined, limit: 100, after: undefined },
    ]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['state=all', 'state'],
    ['state=open&state=settled', 'state'],
    ['rule=x', 'rule'],
    ['__proto__=x', '__proto__'],
  ])('refuses %s and names the parameter', async (query, parameter) => {
    const r = await get(await admin(), `/api/outcomes?${query}`);
    expect([r.status, r.headers['content-type'], r.json().parameter]).toEqual([400, 'application/problem+json', parameter]);
    expect(r.json().detail).toContain(parameter);
  });

  it('refuses a cursor that the ledger does not know', async () => {
    const r = await get(await admin({ outcomes: () => undefined }), '/api/outcomes?after=x');
    expect([r.status, r.json().parameter]).toEqual([400, 'after']);
  });
});

describe('/api/outcomes/{id}/settle', () => {
  it('says what became of one and gives it back', async () => {
    const { said, views } = settling();
    const port = await admin(views);
    const note = 'ü'.repeat(1000);
    const body = JSON.stringify({ as: 'executed', note }).replaceAll('ü', '\\u00fc');
    const r = await post(port, '/api/outcomes/a1-0/settle', body);
    expect([r.status, r.json()]).toEqual([200, ITEM]);
    await post(port, '/api/outcomes/a1-0/settle', '{"as":"not_executed"}');
    expect(said).toEqual([
      ['a1-0', { as: 'executed', note }],
      ['a1-0', { as: 'not_executed', note: '' }],
    ]);
  });

  it('one that is not there is 404', async () => {
    const r = await post(await admin(settling().views), '/api/outcomes/a1-9/settle', '{"as":"executed"}');
    expect([r.status, r.headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(r.json().detail).toContain('no outcome of this id');
  });

  it.each([
    ['{}', 'as'],
    ['{"as":"done"}', 'as'],
    ['{"as":["executed"]}', 'as'],
    ['{"as":"executed","note":1}', 'note'],
    ['{"as":"executed","note":null}', 'note'],
    [JSON.stringify({ as: 'executed', note: 'x'.repeat(1001) }), 'note'],
    ['{"as":"executed","by":"me"}', 'by'],
    ['[]', 'body'],
    ['null', 'body'],
    ['"executed"', 'body'],
  ])('refuses %.40s and names the member', async (body, parameter) => {
    const { said, views } = settling();
    const r = await post(await admin(views), '/api/outcomes/a1-0/settle', body);
    expect([r.status, r.headers['content-type'], r.json().parameter]).toEqual([400, 'application/problem+json', parameter]);
    expect(said).toEqual([]);
  });

  it.each([
    ['no JSON', '{"as":', JSON_TYPE, 400],
    ['an empty body', '', JSON_TYPE, 400],
    ['a poisoned prototype', '{"as":"executed","__proto__":{"note":"x"}}', JSON_TYPE, 400],
    ['more than the longest note takes', JSON.stringify({ as: 'executed', note: 'x'.repeat(9000) }), JSON_TYPE, 413],
    ['text, which any page may send', '{"as":"executed"}', { 'Content-Type': 'text/plain' }, 415],
    ['a form, which any page may send', 'as=executed', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['no type', '{"as":"executed"}', {}, 415],
  ])('refuses %s', async (_, body, headers, status) => {
    const { said, views } = settling();
    const r = await post(await admin(views), '/api/outcomes/a1-0/settle', body, headers as Record<string, string>);
    expect([r.status, r.headers['content-type'], said]).toEqual([status, 'application/problem+json', []]);
  });

  it('is for who has the token, asked for by one of our names', async () => {
    const { said, views } = settling();
    const port = await admin(views, { token: 's3cr3t' });
    const path = '/api/outcomes/a1-0/settle';
    const body = '{"as":"executed"}';
    expect((await post(port, path, body)).status).toBe(401);
    expect((await post(port, path, body, { ...JSON_TYPE, Authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await post(port, path, body, { ...JSON_TYPE, Authorization: 'Bearer s3cr3t', Host: 'evil.example' })).status).toBe(403);
    expect((await get(port, '/api/outcomes')).status).toBe(401);
    expect(said).toEqual([]);
    expect((await post(port, path, body, { ...JSON_TYPE, Authorization: 'Bearer s3cr3t' })).status).toBe(200);
  });

  it.each([
    ['GET', '/api/outcomes/a1-0/settle', 'POST'],
    ['DELETE', '/api/outcomes/a1-0/settle', 'POST'],
    ['POST', '/api/outcomes', 'GET, HEAD'],
  ])('%s %s is refused with what it takes', async (method, path, allow) => {
    const r = await get(await admin(), path, {}, method);
    expect([r.status, r.headers.allow, r.json().status]).toEqual([405, allow, 405]);
  });
});
