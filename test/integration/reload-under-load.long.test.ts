import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GatewayOptions, configurationText } from '../kit/gateway-config.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { replaceFile, startReloading } from '../kit/reloading.ts';
import { SteadyLoad } from '../kit/steady-load.ts';
import { until } from '../kit/until.ts';

const RELOADS = 100;
const PER_SECOND = 1000;

const named = (name: string): Promise<Origin> =>
  startOrigin((_, res) => {
    res.writeHead(200, ['Content-Length', String(name.length)]);
    res.end(name);
  });

const document = (version: number): object => ({
  openapi: '3.1.0',
  info: { title: 't', version: String(version) },
  paths: { '/': { get: { responses: { 200: { description: 'ok' } } } } },
});

test('100 reloads, half of them bad, at 1,000 requests a second: no request is lost, and none is counted twice', {
  timeout: 120_000,
}, async () => {
  await using one = await named('one');
  await using two = await named('two');
  await using taken = await startOrigin();
  const sections = { reload: { watch: false }, drain: { grace: '5s' } };
  /** Versions differ in the upstream, in limits of the listener, in what errors say, and in a listener that comes and goes. */
  const good = (i: number): GatewayOptions => ({
    upstream: i % 2 === 0 ? one.port : two.port,
    openapi: document(Math.floor(i / 3)),
    listener: { keepAlive: `${60 + (i % 5)}s` },
    sections: { ...sections, errors: { detail: i % 3 === 0 ? 'none' : 'full' } },
  });
  await using gateway = await startReloading(good(0));
  const load = new SteadyLoad(() => gateway.port(), ['GET / HTTP/1.1', 'Host: a'], PER_SECOND);
  const bad: ReadonlyArray<(i: number, dir: string) => void> = [
    (i) => writeFileSync(gateway.file, configurationText({ ...good(i), sections: { ...sections, listners: {} } }, gateway.dir)),
    () => writeFileSync(gateway.file, 'routes: [\n  broken'),
    (i) => replaceFile(gateway.file, configurationText({ ...good(i), sections: { ...sections, probes: null } }, gateway.dir).slice(0, 200)),
    (_, dir) => writeFileSync(join(dir, 'openapi.json'), '{"openapi": "3.1.0", "paths": ['),
    (i) => {
      const { listeners, ...rest } = JSON.parse(configurationText(good(i), gateway.dir)) as { listeners: object };
      writeFileSync(
        gateway.file,
        JSON.stringify({ ...rest, listeners: { ...listeners, second: { host: '127.0.0.1', port: taken.port } } }),
      );
    },
  ];
  let expected = 1;
  for (let i = 1; i <= RELOADS; i++) {
    if (i % 2 === 0) {
      bad[(i / 2) % bad.length]?.(i, gateway.dir);
      await gateway.gateway.reload();
    } else {
      expected += 1;
      await gateway.reload(good(i));
    }
    expect(await gateway.generation()).toBe(expected);
    // Requests in between, of which some are in flight when the next comes.
    const sent = load.sent;
    await until(() => load.sent > sent + PER_SECOND / 50, 'twenty requests', 20_000);
  }
  const { sent, answers, lost } = await load.stop();
  expect(lost).toEqual([]);
  expect([...answers.keys()].sort()).toEqual(['200 one', '200 two']);
  expect([...answers.values()].reduce((sum, n) => sum + n, 0)).toBe(sent);
  expect(sent).toBeGreaterThan((RELOADS * PER_SECOND) / 50);
  await until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === 0, 'no exchange in flight');
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_requests_total')).toBe(sent);
  expect(metrics.value('plumbline_requests_total', { status_code: '200', code: '' })).toBe(sent);
  expect(metrics.value('plumbline_config_reloads_total', { outcome: 'taken' })).toBe(RELOADS / 2);
  expect(one.requests.length + two.requests.length).toBe(sent);
});
