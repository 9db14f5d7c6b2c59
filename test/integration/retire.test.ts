/** `POST /api/retire` at a whole gateway, and `drain.delay`, which begins the same way: clients are let go of, what the service asks of others is not. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readResponse } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];
const LOCAL = { host: '127.0.0.1', port: 0 };
const LISTENERS = { in: LOCAL, out: { ...LOCAL, direction: 'egress' } };

const connection = async (port: number): Promise<string | undefined> => {
  const answer = await exchangeRaw(port, GET);
  expect(answer.status).toBe(200);
  return header(answer.headers, 'connection');
};

async function retired(adminUrl: string): Promise<number> {
  const answer = await fetch(`${adminUrl}/api/retire`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
  return answer.status;
}

test('clients hear it with their answers, and the gateway serves on, no longer ready; what the service asks keeps its connections', async () => {
  await using origin = await startOrigin();
  const routes = ['in', 'out'].map((listener) => ({ name: listener, listener, upstream: origin.url }));
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { listeners: LISTENERS, routes } });
  const [inbound, outbound] = [gateway.portOf('in'), gateway.portOf('out')];
  const kept = await connectRaw(inbound);
  sendRequest(kept, GET);
  expect(header((await readResponse(kept)).headers, 'connection')).toBeUndefined();
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200);
  expect(await retired(gateway.adminUrl)).toBe(200);
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(503);
  expect((await fetch(`${gateway.adminUrl}/healthz`)).status).toBe(200);
  sendRequest(kept, GET);
  expect(header((await readResponse(kept)).headers, 'connection')).toBe('close');
  expect((await kept.readToEnd()).length).toBe(0);
  expect([await connection(inbound), await connection(inbound), await connection(outbound)]).toEqual(['close', 'close', undefined]);
  expect(await retired(gateway.adminUrl)).toBe(200);
  kept.destroy();
});

test('during `drain.delay`, too', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { drain: { delay: '300ms', grace: '8s' } } });
  expect(await connection(gateway.port)).toBeUndefined();
  const drained = gateway.drain();
  expect(await connection(gateway.port)).toBe('close');
  await drained;
});

test('a listener that a reload adds lets go of its clients, too', async () => {
  await using origin = await startOrigin();
  const listening = (names: readonly string[]) => ({
    upstream: origin.port,
    sections: {
      ...UNWATCHED,
      listeners: Object.fromEntries(names.map((name) => [name, LOCAL])),
      routes: names.map((name) => ({ name, listener: name, upstream: origin.url })),
    },
  });
  await using gateway = await startReloading(listening(['in']));
  gateway.gateway.retire();
  await gateway.reload(listening(['in', 'second']));
  expect([await connection(gateway.port('in')), await connection(gateway.port('second'))]).toEqual(['close', 'close']);
});
