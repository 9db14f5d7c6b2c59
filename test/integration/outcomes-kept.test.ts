/** F7: with `state.dir` the ledger of unknown outcomes outlives the process, however that ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGateway } from '../../src/app/gateway.ts';
import type { OutcomeItem } from '../../src/core/views.ts';
import { settingsOf } from '../kit/gateway-config.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { startOrigin } from '../kit/origin.ts';
import { ATTEMPT, listed, one, post, settle, startSilent } from '../kit/outcomes.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

/** A directory for one test. */
function stateDir(): { readonly dir: string; [Symbol.dispose](): void } {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-outcomes-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

test('a restart keeps the ledger, what was settled too; ids go on', async () => {
  using state = stateDir();
  await using origin = await startSilent();
  const options = { upstream: origin.port, route: ATTEMPT, sections: { state: { dir: state.dir } } };
  const lose = async (gateway: TestGateway, entries: number): Promise<readonly OutcomeItem[]> => {
    await exchangeRaw(gateway.port, post(), '{}');
    return until(async () => {
      const items = await listed(gateway.adminUrl);
      return items.length === entries && items;
    }, `${entries} entries`);
  };
  const first = await startTestGateway(options);
  await lose(first, 1);
  const [second, oldest] = (await lose(first, 2)) as [OutcomeItem, OutcomeItem];
  await settle(first.adminUrl, oldest.id, { as: 'not_executed', note: 'asked' });
  const kept = await listed(first.adminUrl);
  await first[Symbol.asyncDispose]();
  await using again = await startTestGateway(options);
  expect(await listed(again.adminUrl)).toEqual(kept);
  expect((await again.metrics()).value('plumbline_unknown_outcomes_open', { api: 'app' })).toBe(1);
  expect((await again.metrics()).value('plumbline_state_file_set_aside')).toBe(0);
  const [newest] = await lose(again, 3);
  expect(newest?.id).toMatch(/-2$/);
  expect((await settle(again.adminUrl, second.id, { as: 'executed' })).status).toBe(200);
  const page = await fetch(`${again.adminUrl}/api/outcomes?limit=1&after=${second.id}`);
  expect(await page.json()).toMatchObject({ items: [{ id: oldest.id }], next: null });
});

test('two gateways cannot keep state in one directory, and one that cannot be used is named', async () => {
  using state = stateDir();
  await using origin = await startOrigin();
  const sections = { state: { dir: state.dir } };
  await using _first = await startTestGateway({ upstream: origin.port, sections });
  const second = startGateway(settingsOf({ upstream: origin.port, sections }, state.dir));
  await expect(second).rejects.toMatchObject({ name: 'StartError', message: expect.stringContaining('another process uses it') });
  const nowhere = startGateway(settingsOf({ upstream: origin.port, sections: { state: { dir: 'no/such' } } }, state.dir));
  await expect(nowhere).rejects.toMatchObject({
    name: 'StartError',
    message: `cannot keep state in "${join(state.dir, 'no/such')}": the directory does not exist (ENOENT)`,
  });
});

test('kill -9 right after an entry loses nothing of it, and nobody has to unlock anything', { timeout: 90_000 }, async () => {
  using state = stateDir();
  await using origin = await startSilent();
  const options = { upstream: origin.port, route: ATTEMPT, sections: { state: { dir: state.dir } } };
  await using gateway = await startGatewayProcess(options);
  await exchangeRaw(gateway.port, post(), '{}');
  const item = await one(gateway);
  gateway.kill('SIGKILL');
  await gateway.exited;
  expect(gateway.stderr).not.toMatch(/ExperimentalWarning/);
  await using again = await startGatewayProcess(options);
  expect(await listed(again.adminUrl)).toEqual([item]);
});

test('what the end of the drain cuts is listed', async () => {
  using state = stateDir();
  await using origin = await startSilent();
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { state: { dir: state.dir }, drain: { grace: '1ms' } } });
  const c = await connectRaw(gateway.port);
  sendRequest(c, post(), '{}');
  await until(() => origin.requests[0]?.state === 'ended', 'the request at the origin');
  await gateway.drain();
  c.destroy();
  await using again = await startTestGateway({ upstream: origin.port, sections: { state: { dir: state.dir } } });
  expect(await listed(again.adminUrl)).toMatchObject([{ reason: 'OVERLOADED', sent: 'all' }]);
});
