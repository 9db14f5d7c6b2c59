import { type AddressInfo, createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { listenersIn, listenersOf } from './listeners.ts';

test('the kernel’s own table, in both versions of IP', () => {
  const rest = '00:00000000 00000000 65532        0 12345 1 0000000000000000 100 0 0 10 0';
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1B A8 nothing
   0: 00000000:1BA8 00000000:0000 0A 00000000:00000000 ${rest}
   1: 0100007F:1BB2 00000000:0000 0A 00000000:00000000 ${rest}
   2: 0100007F:1BB2 0100007F:9C40 01 00000000:00000000 ${rest}
   3: 00000000000000000000000001000000:1BB3 00000000000000000000000000000000:0000 0A 00000000:00000000 ${rest}
   4: 00000000000000000000000000000000:1BB4 00000000000000000000000000000000:0000 0A 00000000:00000000 ${rest}
   5: 0000000000000000FFFF00000100007F:1BB5 00000000000000000000000000000000:0000 0A 00000000:00000000 ${rest}
`;
  expect(listenersIn(table)).toEqual([
    { port: 7080, isLoopback: false },
    { port: 7090, isLoopback: true },
    { port: 7091, isLoopback: true },
    { port: 7092, isLoopback: false },
    { port: 7093, isLoopback: true },
  ]);
});

test.skipIf(process.platform !== 'linux')('of a process that runs', async () => {
  const servers = ['127.0.0.1', '0.0.0.0'].map((host) => createServer().listen(0, host));
  try {
    await Promise.all(servers.map((server) => once(server, 'listening')));
    const [inside, outside] = servers.map((server) => (server.address() as AddressInfo).port);
    const found = listenersOf(process.pid);
    expect(found).toContainEqual({ port: inside, isLoopback: true });
    expect(found).toContainEqual({ port: outside, isLoopback: false });
  } finally {
    for (const server of servers) server.close();
  }
});
