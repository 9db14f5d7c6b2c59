import { expect, it } from 'vitest';
import { parseConfiguration, parseWithoutFile } from '../src/config/parse.ts';
import type { Settings } from '../src/config/settings.ts';

const SMALL = 'listeners: { in: {} }\nroutes: [{ name: r, listener: in, upstream: "http://127.0.0.1:3000" }]\n';

function settings(text = SMALL): Settings {
  const { settings: made, problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/etc/plumbline', env: {} });
  expect(problems).toEqual([]);
  return made as Settings;
}

it('DF-1: the access log, the contract in report, the connect timeout and the idle limit are on', () => {
  const { telemetry, routes } = settings();
  expect(telemetry.accessLog).toBe('stdout');
  expect(routes[0]?.policies.contract).toMatchObject({ request: 'report', response: 'report', sample: 1 });
  expect(routes[0]?.policies.deadline).toMatchObject({ connectMs: 1000, idleMs: 300_000 });
});

it('DF-2: no deadline and no attempt timeout are set', () => {
  expect(settings().routes[0]?.policies.deadline).toMatchObject({ totalMs: undefined, attemptMs: undefined });
});

it('DF-3: run with a contract and an upstream alone is report on both sides', () => {
  const given = (value: string) => ({ value, origin: 'test' });
  const flags = { spec: given('billing.openapi.yaml'), upstream: given('http://127.0.0.1:3000'), enforce: undefined };
  const { settings: made } = parseWithoutFile(flags, { dir: '/etc/plumbline', overrides: [] });
  expect(made?.routes[0]?.policies.contract).toMatchObject({ request: 'report', response: 'report', undocumented: undefined });
});

it('DL-4: connections: 10 s for a head, 75 s kept for clients, 4 s for upstreams, 1 s to connect', () => {
  const { listeners, routes } = settings();
  expect(listeners[0]).toMatchObject({ headerTimeoutMs: 10_000, keepAliveMs: 75_000 });
  expect(routes[0]?.upstream.idleMs).toBe(4000);
  expect(routes[0]?.policies.deadline.connectMs).toBe(1000);
});

it('HD-4: only loopback is trusted', () => {
  expect(settings().trust.peers).toEqual(['127.0.0.0/8', '::1/128']);
});
