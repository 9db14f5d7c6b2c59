import { describe, expect, it } from 'vitest';
import type { FindingItem, FindingQuery, Views } from '../core/views.ts';
import { admin, get } from './testing/servers.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const ID = '0123456789abcdef';
const ITEM = { id: ID, state: 'acknowledged' } as FindingItem;

function send(port: number, method: string, path: string, body: string | undefined, headers: Record<string, string> = JSON_TYPE) {
  const length = body === undefined ? '0' : String(Buffer.byteLength(body));
  return get(port, path, { 'Content-Length': length, ...headers }, method, body);
}

/** What was said, and to which finding. */
function saying(notKept?: string): { readonly said: string[]; readonly views: Partial<Views> } {
  const said: string[] = [];
  const known = (id: string) => (id === ID ? ITEM : undefined);
  return {
    said,
    views: {
      acknowledgeFinding: (id, note) => {
        said.push(`${id} ${note}`);
        return known(id);
      },
      withdrawAcknowledgement: (id) => {
        said.push(`${id} withdrawn`);
        return known(id);
      },
      findingKept: () => Promise.resolve(notKept),
    },
  };
}

describe('/api/findings', () => {
  it('passes the filters on', async () => {
    const asked: FindingQuery[] = [];
    const port = await admin({
      findings: (query) => {
        asked.push(query);
        return { items: [ITEM], next: 'n' };
      },
    });
    const r = await get(port, '/api/findings?api=a&kind=type&state=new&operation=POST%20%2Fx&consumer=c%26d&limit=1000&after=z');
    expect(r.json()).toEqual({ items: [ITEM], next: 'n' });
    await get(port, '/api/findings');
    const nothing = { api: undefined, kind: undefined, state: undefined, operation: undefined, consumer: undefined, after: undefined };
    expect(asked).toEqual([
      { api: 'a', kind: 'type', state: 'new', operation: 'POST /x', consumer: 'c&d', limit: 1000, after: 'z' },
      { ...nothing, limit: 100 },
    ]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['kind=types', 'kind'],
    ['kind=', 'kind'],
    ['state=open', 'state'],
    ['state=new&state=new', 'state'],
    ['side=request', 'side'],
    ['__proto__=x', '__proto__'],
  ])('refuses %s and names the parameter', async (query, parameter) => {
    const r = await get(await admin(), `/api/findings?${query}`);
    expect([r.status, r.headers['content-type'], r.json().parameter]).toEqual([400, 'application/problem+json', parameter]);
  });

  it('refuses a cursor that no page gave', async () => {
    const r = await get(await admin({ findings: () => undefined }), '/api/findings?after=x');
    expect([r.status, r.json().parameter]).toEqual([400, 'after']);
  });

  it('shows one of them', async () => {
    const port = await admin({ finding: (id) => (id === ID ? ITEM : undefined) });
    expect((await get(port, `/api/findings/${ID}`)).json()).toEqual(ITEM);
    expect((await get(port, '/api/findings/ffffffffffffffff')).status).toBe(404);
    expect((await send(port, 'POST', `/api/findings/${ID}`, '{}')).status).toBe(405);
  });
});

describe('/api/findings/{id}/acknowledge', () => {
  it('says that somebody knows, and takes that back', async () => {
    const { said, views } = saying();
    const port = await admin(views);
    const note = 'ü'.repeat(500);
    const r = await send(port, 'POST', `/api/findings/${ID}/acknowledge`, JSON.stringify({ note }).replaceAll('ü', '\\u00fc'));
    expect([r.status, r.json()]).toEqual([200, ITEM]);
    await send(port, 'POST', `/api/findings/${ID}/acknowledge`, '{}');
    expect((await send(port, 'DELETE', `/api/findings/${ID}/acknowledge`, undefined, {})).json()).toEqual(ITEM);
    expect(said).toEqual([`${ID} ${note}`, `${ID} `, `${ID} withdrawn`]);
  });

  it('is 404 for a finding that is not there', async () => {
    const port = await admin(saying().views);
    expect((await send(port, 'POST', '/api/findings/x/acknowledge', '{}')).status).toBe(404);
    expect((await send(port, 'DELETE', '/api/findings/x/acknowledge', undefined, {})).status).toBe(404);
  });

  it('is 503 where it holds and is not kept: whoever is answered 200 can rely on it', async () => {
    const r = await send(await admin(saying('the disk is full').views), 'POST', `/api/findings/${ID}/acknowledge`, '{}');
    expect([r.status, r.json().detail]).toEqual([503, expect.stringContaining('the disk is full')]);
  });

  it.each<[string, string | undefined, number]>([
    ['a note that is too long', JSON.stringify({ note: 'x'.repeat(501) }), 400],
    ['a note that is no text', '{"note":1}', 400],
    ['a member that nobody knows', '{"notes":"x"}', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    ['what is no JSON', '{', 400],
    ['more than any note needs', JSON.stringify({ note: 'x'.repeat(5000) }), 413],
  ])('refuses %s', async (_, body, status) => {
    const { said, views } = saying();
    const r = await send(await admin(views), 'POST', `/api/findings/${ID}/acknowledge`, body);
    expect([r.status, r.headers['content-type'], said]).toEqual([status, 'application/problem+json', []]);
  });

  it('changes nothing for what a page of another origin can send without being asked first', async () => {
    const { said, views } = saying();
    const port = await admin(views);
    for (const headers of [{}, { 'Content-Type': 'text/plain' }, { 'Content-Type': 'application/x-www-form-urlencoded' }])
      for (const body of [undefined, '{"note":"x"}'])
        expect(
          (await send(port, 'POST', `/api/findings/${ID}/acknowledge`, body, headers as Record<string, string>)).status,
        ).toBeGreaterThanOrEqual(400);
    expect(said).toEqual([]);
  });
});
