import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { withoutIpv6 } from '../../test/kit/ipv6.ts';
import { createAdmin } from './admin.ts';
import { createProbes } from './probes.ts';
import { admin, get, open, servers, views } from './testing/servers.ts';

describe('who may read', () => {
  it.each(['localhost', 'LocalHost:80', 'app.localhost', 'localhost.', '127.0.0.1', '127.9.9.9:7090', '[::1]', '[::1]:7090'])(
    'Host %s is answered',
    async (host) => {
      expect((await get(await admin(), '/api/config', { Host: host })).status).toBe(200);
    },
  );

  it.each(['evil.test', 'localhost.evil.test', '127.0.0.1.evil.test', '127.1', '128.0.0.1', '[::2]', 'localhost@evil.test', 'localhost:x'])(
    'Host %j is not, but metrics and health are',
    async (host) => {
      const port = await admin();
      for (const path of ['/', '/api/config', '/api/violations', '/nothing'])
        expect((await get(port, path, { Host: host })).status).toBe(403);
      for (const path of ['/metrics', '/healthz', '/readyz', '/startupz']) expect((await get(port, path, { Host: host })).status).toBe(200);
    },
  );

  it('a request without Host is not answered', async () => {
    const socket = await open(await admin());
    socket.write('GET /api/config HTTP/1.0\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('the configured host is answered too', async () => {
    const port = await admin({}, { host: '0.0.0.0', token: 'x' });
    expect((await get(port, '/api/config', { Host: '0.0.0.0:7090', Authorization: 'Bearer x' })).status).toBe(200);
  });

  it.each([undefined, 'Bearer', 'Bearer ', 'Bearer wrong', 'Bearer s3cr3t2', 'Basic s3cr3t', 's3cr3t', 'Bearer s3cr3t s3cr3t'])(
    'a token that is set is asked for on loopback too: %s is 401',
    async (authorization) => {
      const port = await admin({}, { token: 's3cr3t' });
      const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
      for (const path of ['/', '/api/config', '/nothing']) {
        const r = await get(port, path, headers);
        expect([r.status, r.headers['www-authenticate'], r.headers['content-type']]).toEqual([
          401,
          'Bearer realm="plumbline admin"',
          'application/problem+json',
        ]);
      }
      for (const path of ['/metrics', '/healthz', '/readyz', '/startupz']) expect((await get(port, path, headers)).status).toBe(200);
    },
  );

  it.each(['Bearer s3cr3t', 'bearer s3cr3t', 'Bearer  s3cr3t '])('%j is let in', async (authorization) => {
    expect((await get(await admin({}, { token: 's3cr3t' }), '/api/config', { Authorization: authorization })).status).toBe(200);
  });

  it.each(['', undefined])('off loopback it does not start without a token (%j)', async (token) => {
    await expect(createAdmin(views(), { host: '0.0.0.0', port: 0, token })).rejects.toThrow(/admin\.token/);
  });
});

describe('the probes listener', () => {
  it('has health and metrics for any Host, and nothing else', async () => {
    const server = await createProbes(views(), { host: '0.0.0.0', port: 0 });
    servers.push(server);
    const { port } = server.address;
    for (const path of ['/metrics', '/healthz', '/readyz', '/startupz'])
      expect((await get(port, path, { Host: '10.1.2.3' })).status).toBe(200);
    for (const path of ['/', '/api/config', '/api/violations']) expect((await get(port, path)).status).toBe(404);
  });
});

describe('listening', () => {
  it('probes are for every address where no host is named, of IPv4 alone without IPv6', async () => {
    const health = async (): Promise<readonly [string, number]> => {
      const server = await createProbes(views(), { host: undefined, port: 0 });
      servers.push(server);
      return [server.address.host, (await get(server.address.port, '/healthz')).status];
    };
    expect(await withoutIpv6(health)).toEqual(['0.0.0.0', 200]);
    expect((await health())[1]).toBe(200);
  });

  it('says who could not listen where, and why', async () => {
    const port = await admin();
    await expect(createAdmin(views(), { host: '127.0.0.1', port, token: undefined })).rejects.toMatchObject({
      name: 'ListenError',
      code: 'EADDRINUSE',
      message: `admin cannot listen on 127.0.0.1:${port}: the port is taken (EADDRINUSE)`,
    });
    await expect(createProbes(views(), { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ name: 'ListenError', listener: 'probes' });
  });

  it('closes at once, whatever its clients do', async () => {
    const body = 'x'.repeat(8 * 1024 * 1024);
    const server = await createAdmin(views({ metrics: async () => ({ contentType: 'text/plain', body }) }), {
      host: '127.0.0.1',
      port: 0,
      token: undefined,
    });
    const { port } = server.address;
    const silent = await open(port);
    const half = await open(port);
    half.write('GET /metrics HTTP/1.1\r\nHost: x');
    const stuck = await open(port);
    stuck.pause();
    stuck.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    const idle = await open(port);
    idle.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const gone = Promise.all([silent, half, idle].map((socket) => once(socket, 'close')));
    await server.close();
    await gone;
    await expect(get(port, '/healthz')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('answers others while twenty clients are stuck, and has no more than a hundred', async () => {
    const port = await admin();
    for (let i = 0; i < 99; i++) {
      const socket = await open(port);
      socket.write(i % 2 ? 'GET /metrics HTTP/1.1\r\nHost: x' : 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      socket.pause();
    }
    expect((await get(port, '/healthz')).status).toBe(200);
    await open(port);
    const tooMany = await open(port);
    await once(tooMany, 'close');
  });
});
