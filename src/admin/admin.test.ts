import { describe, expect, it } from 'vitest';
import type { ViolationQuery } from '../core/views.ts';
import { admin, get } from './testing/servers.ts';

describe('health', () => {
  it('is alive while it answers', async () => {
    const r = await get(await admin({ ready: () => ({ ready: false, reasons: ['draining'] }), started: () => false }), '/healthz');
    expect(r.status).toBe(200);
  });

  it('readyz and startupz follow the views, with reasons', async () => {
    let ready = false;
    const port = await admin({ ready: () => ({ ready, reasons: ready ? [] : ['contract billing is not loaded'] }), started: () => ready });
    const not = await get(port, '/readyz');
    expect([not.status, not.json()]).toEqual([503, { ready: false, reasons: ['contract billing is not loaded'] }]);
    expect((await get(port, '/startupz')).status).toBe(503);
    ready = true;
    expect((await get(port, '/readyz')).status).toBe(200);
    expect((await get(port, '/startupz')).status).toBe(200);
  });

  it('metrics hands the Accept field on and the content type back', async () => {
    const port = await admin();
    const r = await get(port, '/metrics', { Accept: 'application/openmetrics-text' });
    expect([r.status, r.headers['content-type'], r.text]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      '# asked for application/openmetrics-text\n',
    ]);
  });
});

describe('every answer', () => {
  it.each(['/', '/healthz', '/metrics', '/api/violations', '/api/violations?limit=x', '/nothing', '/%zz'])(
    '%s is not kept, not guessed at, and not for other origins',
    async (path) => {
      const r = await get(await admin(), path, { Origin: 'http://localhost' });
      expect(r.headers['cache-control']).toBe('no-store');
      expect(r.headers['x-content-type-options']).toBe('nosniff');
      expect(Object.keys(r.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );

  it('what does not exist is a problem that says what does', async () => {
    const r = await get(await admin(), '/api/nothing?x=1');
    expect([r.status, r.headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(r.json()).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
    expect(r.json().available).toEqual([
      '/healthz',
      '/readyz',
      '/startupz',
      '/metrics',
      '/',
      '/api/violations',
      '/api/outcomes',
      '/api/outcomes/{id}/settle',
      '/api/findings',
      '/api/findings/{id}',
      '/api/findings/{id}/acknowledge',
      '/api/contracts',
      '/api/config',
      '/api/retire',
    ]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('%s is refused, with a body of any kind and size', async (method) => {
    const r = await get(
      await admin(),
      '/api/config?x',
      { 'Content-Type': 'application/xml', 'Content-Length': '5000' },
      method,
      'x'.repeat(5000),
    );
    expect([r.status, r.headers.allow, r.json().status]).toEqual([405, 'GET, HEAD', 405]);
  });

  it('HEAD answers like GET, without a body', async () => {
    const r = await get(await admin(), '/api/config', {}, 'HEAD');
    expect([r.status, r.text]).toEqual([200, '']);
  });

  it('a fault in a view is 500 without its message', async () => {
    const port = await admin({
      contracts: () => {
        throw new Error('inner s3cr3t');
      },
    });
    const r = await get(port, '/api/contracts');
    expect([r.status, r.headers['content-type']]).toEqual([500, 'application/problem+json']);
    expect(r.text).not.toContain('s3cr3t');
  });

  it('the root says what there is', async () => {
    expect((await get(await admin(), '/')).text).toContain('/api/violations');
  });
});

describe('/api/violations', () => {
  it('passes the filters on', async () => {
    const asked: ViolationQuery[] = [];
    const port = await admin({
      violations: (query) => {
        asked.push(query);
        return { items: [], next: 'a-1' };
      },
    });
    const r = await get(port, '/api/violations?api=a&operation=GET%20%2Fx&consumer=c%26d&side=response&rule=r&limit=1000&after=z-9');
    expect(r.json()).toEqual({ items: [], next: 'a-1' });
    await get(port, '/api/violations');
    expect(asked).toEqual([
      { api: 'a', operation: 'GET /x', consumer: 'c&d', side: 'response', rule: 'r', limit: 1000, after: 'z-9' },
      { api: undefined, operation: undefined, consumer: undefined, side: undefined, rule: undefined, limit: 100, after: undefined },
    ]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=', 'limit'],
    ['limit=99999999999999999999', 'limit'],
    ['side=both', 'side'],
    ['api=a&api=b', 'api'],
    ['consumers=x', 'consumers'],
    ['__proto__=x', '__proto__'],
  ])('refuses %s and names the parameter', async (query, parameter) => {
    const r = await get(await admin(), `/api/violations?${query}`);
    expect([r.status, r.headers['content-type'], r.json().parameter]).toEqual([400, 'application/problem+json', parameter]);
    expect(r.json().detail).toContain(parameter);
  });

  it('refuses a cursor that the store does not know', async () => {
    const r = await get(await admin({ violations: () => undefined }), '/api/violations?after=x');
    expect([r.status, r.json().parameter]).toEqual([400, 'after']);
  });
});

describe('/api/config', () => {
  it('masks what looks like a secret', async () => {
    const config = { admin: { token: 's3cr3t' }, store: { url: 'redis://user:s3cr3t@127.0.0.1:6379' } };
    const r = await get(await admin({ config: () => ({ generation: 3, digest: 'd', config }) }), '/api/config');
    expect(r.json()).toEqual({
      generation: 3,
      digest: 'd',
      config: { admin: { token: '***' }, store: { url: 'redis://***@127.0.0.1:6379' } },
    });
  });
});
