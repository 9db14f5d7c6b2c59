import { type AddressInfo, type Server, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HAS_IPV6, withoutIpv6 } from '../../test/kit/ipv6.ts';
import { connectRaw } from '../../test/kit/raw-client.ts';
import { listenAt } from './listen.ts';
import { ListenError } from './listen-error.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((done) => server.close(done));
});

function listen(host: string | undefined, port = 0): Promise<AddressInfo> {
  const server = createServer((socket) => socket.destroy());
  return listenAt(server, { host, port }).then((bound) => {
    open.push(server);
    return bound;
  });
}

async function isAnswered(port: number, host: string): Promise<boolean> {
  const c = await connectRaw(port, host).catch(() => undefined);
  c?.destroy();
  return c !== undefined;
}

describe('where nobody named a host', () => {
  it.skipIf(!HAS_IPV6)('one port is for callers of IPv6 and of IPv4', async () => {
    const { address, port } = await listen(undefined);
    expect([address, await isAnswered(port, '::1'), await isAnswered(port, '127.0.0.1')]).toEqual(['::', true, true]);
  });

  it('a system without IPv6 listens on IPv4', async () => {
    const { address, port } = await withoutIpv6(() => listen(undefined));
    expect([address, await isAnswered(port, '127.0.0.1')]).toEqual(['0.0.0.0', true]);
  });

  it.each(['0.0.0.0', '127.0.0.1'])('a port that somebody has on %s is taken', async (host) => {
    const { port } = await listen(host);
    await expect(listen(undefined, port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(withoutIpv6(() => listen(undefined, port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a host that was named', () => {
  it.each(['::', '::1'])('is not replaced by another: %s without IPv6', async (host) => {
    await expect(withoutIpv6(() => listen(host))).rejects.toMatchObject({ code: 'EAFNOSUPPORT' });
  });

  it('is bound as it stands', async () => {
    expect((await listen('127.0.0.1')).address).toBe('127.0.0.1');
    expect((await listen('0.0.0.0')).address).toBe('0.0.0.0');
  });
});

describe('a port that cannot be opened', () => {
  it.each([
    [undefined, 'EADDRINUSE', 'in cannot listen on [::]:80: the port is taken (EADDRINUSE)'],
    ['::1', 'EAFNOSUPPORT', 'in cannot listen on [::1]:80: this machine has no IPv6 (EAFNOSUPPORT)'],
    ['0.0.0.0', 'EACCES', 'in cannot listen on 0.0.0.0:80: permission denied (EACCES)'],
  ])('at %s, %s, is told with its address', (host, code, message) => {
    const error = new ListenError('in', { host, port: 80 }, code);
    expect([error.message, error.host]).toEqual([message, host ?? '::']);
  });
});
