import { expect, it } from 'vitest';
import { createProbes } from './probes.ts';
import { admin, get, servers, views } from './testing/servers.ts';

async function retiring(): Promise<{ readonly port: number; readonly times: () => number }> {
  let times = 0;
  const port = await admin({
    retire: () => {
      times += 1;
    },
  });
  return { port, times: () => times };
}

it('retires, as often as it is said', async () => {
  const { port, times } = await retiring();
  for (const body of ['{}', '{"why":"the pod ends"}']) {
    const r = await get(port, '/api/retire', { 'Content-Type': 'application/json' }, 'POST', body);
    expect([r.status, r.json()]).toEqual([200, { retiring: true }]);
  }
  expect(times()).toBe(2);
});

it.each([
  ['no body, as a page of another origin may send', {}, undefined, 400],
  ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b', 415],
  ['plain text', { 'Content-Type': 'text/plain' }, '{}', 415],
  ['a list', { 'Content-Type': 'application/json' }, '[]', 400],
  ['null', { 'Content-Type': 'application/json' }, 'null', 400],
  ['what is no JSON', { 'Content-Type': 'application/json' }, '{', 400],
] as const)('%s changes nothing', async (_, headers, body, status) => {
  const { port, times } = await retiring();
  const r = await get(port, '/api/retire', headers, 'POST', body);
  expect([r.status, times()]).toEqual([status, 0]);
});

it('is a POST alone', async () => {
  const { port, times } = await retiring();
  const r = await get(port, '/api/retire');
  expect([r.status, r.headers.allow, times()]).toEqual([405, 'POST', 0]);
});

it('is not on the probes listener, which anybody can reach', async () => {
  let times = 0;
  const retire = (): void => {
    times += 1;
  };
  const server = await createProbes(views({ retire }), { host: '127.0.0.1', port: 0 });
  servers.push(server);
  const r = await get(server.address.port, '/api/retire', { 'Content-Type': 'application/json' }, 'POST', '{}');
  expect([r.status, times]).toEqual([404, 0]);
});
