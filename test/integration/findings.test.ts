/** Findings from the wire to the API, and what contracts and baseline files make of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FindingItem } from '../../src/core/views.ts';
import { OPENAPI, drift, finds, startDrifting } from '../kit/drifting.ts';
import { until } from '../kit/until.ts';
import { type ReloadingGateway, UNWATCHED, startReloading } from '../kit/reloading.ts';

async function start(port: number, baseline?: string, more: object = {}, findings = 100): Promise<ReloadingGateway> {
  return startReloading((dir) => {
    writeFileSync(join(dir, 'app.json'), JSON.stringify(OPENAPI));
    if (baseline !== undefined) writeFileSync(join(dir, 'baseline.yaml'), baseline);
    const contract = { openapi: 'app.json', ...more, ...(baseline !== undefined && { baseline: 'baseline.yaml' }) };
    const sections = {
      ...UNWATCHED,
      telemetry: { accessLog: 'off', limits: { findings } },
      consumers: { shop: { team: 'web' } },
      contracts: { app: contract },
    };
    return { upstream: port, route: { contract: 'app' }, sections };
  });
}

const running = (gateway: ReloadingGateway) => ({ port: gateway.port(), adminUrl: gateway.gateway.admin.url });

async function items(gateway: ReloadingGateway, query = ''): Promise<readonly FindingItem[]> {
  return (await gateway.admin<{ items: readonly FindingItem[] }>(`/api/findings${query}`)).items;
}

async function acknowledge(gateway: ReloadingGateway, id: string, method: 'POST' | 'DELETE'): Promise<FindingItem> {
  const r = await fetch(`${gateway.gateway.admin.url}/api/findings/${id}/acknowledge`, {
    method,
    ...(method === 'POST' && { headers: { 'Content-Type': 'application/json' }, body: '{"note":"ticket 7"}' }),
  });
  expect(r.status).toBe(200);
  return (await r.json()) as FindingItem;
}

/** New and acknowledged, as the alert sees them. */
async function gauges(gateway: ReloadingGateway): Promise<readonly [number, number]> {
  const metrics = await gateway.metrics();
  const of = (state: string): number => metrics.value('plumbline_drift_findings', { api: 'app', state });
  return [of('new'), of('acknowledged')];
}

test('each finding is acknowledged by itself, and that can be taken back', async () => {
  await using origin = await startDrifting();
  await using gateway = await start(origin.port);
  await drift(running(gateway), 418, 2);
  await drift(running(gateway), 429, 1);
  await finds(running(gateway), { 418: 'new 2', 429: 'new 1' });
  expect(await gauges(gateway)).toEqual([2, 0]);
  const [first] = (await items(gateway)).filter(({ name }) => name === '418') as [FindingItem];
  expect(first).toMatchObject({
    kind: 'undocumented_status',
    api: 'app',
    operation: 'getAnswer',
    side: 'response',
    contractVersion: '1.0.0',
  });
  expect(await acknowledge(gateway, first.id, 'POST')).toMatchObject({
    state: 'acknowledged',
    acknowledgement: { by: 'person', note: 'ticket 7' },
  });
  expect(await gauges(gateway)).toEqual([1, 1]);
  expect((await items(gateway)).map(({ name, state }) => `${name} ${state}`)).toEqual(['429 new', '418 acknowledged']);
  expect((await items(gateway, '?state=acknowledged')).map(({ id }) => id)).toEqual([first.id]);
  expect((await gateway.admin<FindingItem>(`/api/findings/${first.id}`)).state).toBe('acknowledged');
  await acknowledge(gateway, first.id, 'DELETE');
  expect(await gauges(gateway)).toEqual([2, 0]);
});

test('a new contract resolves what it does not show any more; the old one brings it back', async () => {
  await using origin = await startDrifting();
  await using gateway = await start(origin.port);
  await drift(running(gateway), 418, 1);
  await drift(running(gateway), 429, 1);
  await finds(running(gateway), { 418: 'new 1', 429: 'new 1' });
  const next = structuredClone(OPENAPI) as {
    info: { version: string };
    paths: Record<string, { get: { responses: Record<string, object> } }>;
  };
  next.info.version = '2.0.0';
  const get = next.paths['/answers/{status}']?.get as { responses: Record<string, object> };
  get.responses['418'] = { description: 'documented now' };
  writeFileSync(join(gateway.dir, 'app.json'), JSON.stringify(next));
  await gateway.gateway.reload();
  await finds(running(gateway), { 418: 'resolved 1', 429: 'resolved 1' });
  expect(await gauges(gateway)).toEqual([0, 0]);
  await drift(running(gateway), 418, 1);
  await drift(running(gateway), 429, 1);
  await finds(running(gateway), { 418: 'resolved 1', 429: 'new 2' });
  expect((await items(gateway)).map(({ contractVersion }) => contractVersion)).toEqual(['2.0.0', '1.0.0']);
  writeFileSync(join(gateway.dir, 'app.json'), JSON.stringify(OPENAPI));
  await gateway.gateway.reload();
  await finds(running(gateway), { 418: 'new 1', 429: 'resolved 2' });
});

test('the baseline file acknowledges what it lists, is read again, and where it is broken the one before it stands', async () => {
  await using origin = await startDrifting();
  await using gateway = await start(origin.port, 'findings: []\n');
  await drift(running(gateway), 418, 1);
  await finds(running(gateway), { 418: 'new 1' });
  const [{ id }] = (await items(gateway)) as [FindingItem];
  const list = async (text: string): Promise<void> => {
    writeFileSync(join(gateway.dir, 'baseline.yaml'), text);
    await gateway.gateway.reload();
  };
  await list(`findings:\n  - id: "${id}"\n    note: since ever\n`);
  await finds(running(gateway), { 418: 'acknowledged 1' });
  expect((await items(gateway))[0]?.acknowledgement).toEqual({ by: 'baseline', note: 'since ever' });
  expect([await gauges(gateway), await gateway.generation()]).toEqual([[0, 1], 1]);
  await list('findings: [');
  await finds(running(gateway), { 418: 'acknowledged 1' });
  await list('findings: []\n');
  await finds(running(gateway), { 418: 'new 1' });
});

test('a configuration with a baseline that cannot be used does not start; with onError: proxy it starts without', async () => {
  await using origin = await startDrifting();
  await expect(start(origin.port, 'findings: 3\n')).rejects.toMatchObject({
    problems: [{ code: 'not_a_baseline', file: expect.stringContaining('baseline.yaml') as unknown, line: 1, column: 1 }],
  });
  await using gateway = await start(origin.port, 'findings: 3\n', { onError: 'proxy' });
  await drift(running(gateway), 418, 1);
  await finds(running(gateway), { 418: 'new 1' });
});

test('consumers have their owners', async () => {
  await using origin = await startDrifting();
  await using gateway = await start(origin.port);
  await fetch(`http://127.0.0.1:${gateway.port()}/answers/418`, { headers: { 'X-Consumer-Name': 'shop' } });
  await until(async () => (await items(gateway)).length === 1, 'a finding');
  expect((await items(gateway))[0]?.consumers).toMatchObject([{ name: 'shop', team: 'web', count: 1 }]);
});

test('with a limit of 0 nothing is looked for', async () => {
  await using origin = await startDrifting();
  await using gateway = await start(origin.port, undefined, {}, 0);
  await drift(running(gateway), 418, 3);
  await until(async () => (await gateway.metrics()).value('plumbline_requests_total') === 3, 'the requests');
  const metrics = await gateway.metrics();
  expect([metrics.value('plumbline_drift_observations_total'), metrics.value('plumbline_drift_findings'), await items(gateway)]).toEqual([
    0,
    0,
    [],
  ]);
});
