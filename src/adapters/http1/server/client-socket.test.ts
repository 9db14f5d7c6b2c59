import { createServer, type AddressInfo, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { HAS_IPV6 } from '../../../../test/kit/ipv6.ts';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { pass } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { ClientSocket } from './client-socket.ts';

test('this Node lets all connections read into one buffer', async () => {
  const memories = new Set<ArrayBufferLike>();
  const sockets: ClientSocket[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
    sockets.push(new ClientSocket(accepted, (view) => memories.add(view.buffer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = await Promise.all([1, 2, 3].map(() => connectRaw((server.address() as AddressInfo).port)));
  for (const c of clients) c.write('some');
  await until(() => sockets.length === 3 && sockets.every(({ raw }) => raw.bytesRead === 4), 'all to be read');
  expect([memories.size, sockets.map(({ address }) => address)]).toEqual([1, ['127.0.0.1', '127.0.0.1', '127.0.0.1']]);
  const closed = new Promise((resolve) => server.close(resolve));
  for (const { raw } of sockets) raw.destroy();
  for (const c of clients) c.destroy();
  await closed; // the server's own count of its sockets is right
});

test.skipIf(!HAS_IPV6)('a caller by IPv4 has its IPv4 address, on a socket for both', async () => {
  const sockets: ClientSocket[] = [];
  const server = createServer({ pauseOnConnect: true }, (accepted) => sockets.push(new ClientSocket(accepted, () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const { port } = server.address() as AddressInfo;
  const clients = await Promise.all(['127.0.0.1', '::1'].map((host) => connectRaw(port, host)));
  await until(() => sockets.length === 2, 'both');
  expect(sockets.map(({ address }) => address).sort()).toEqual(['127.0.0.1', '::1']);
  const closed = new Promise((resolve) => server.close(resolve));
  for (const { raw } of sockets) raw.destroy();
  for (const c of clients) c.destroy();
  await closed;
});

test('what reads in no buffer of ours is read all the same', async () => {
  const [client, accepted] = duplexPair();
  let heard = '';
  const socket = new ClientSocket(accepted as Socket, (view) => {
    heard += view.toString();
  });
  client.write('one');
  await until(() => heard === 'one', 'a piece');
  socket.flow('stop');
  client.write('two');
  await pass(10);
  expect(heard).toBe('one');
  socket.destroyIfReset();
  socket.flow('go');
  await until(() => heard === 'onetwo', 'the other');
  expect([socket.end(), socket.end(), socket.raw.destroyed]).toEqual([true, false, false]);
});
