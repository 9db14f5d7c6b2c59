import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ViolationItem } from '../../src/core/views.ts';
import { AccessLines } from '../kit/access-lines.ts';
import { startDocumentServer } from '../kit/document-server.ts';
import { ACCESS_LOG, type GatewayOptions } from '../kit/gateway-config.ts';
import { startOrigin } from '../kit/origin.ts';
import { UNWATCHED, replaceFile, startReloading } from '../kit/reloading.ts';
import { SteadyLoad } from '../kit/steady-load.ts';
import { until } from '../kit/until.ts';

const RELOADS = 50;
const PER_SECOND = 1000;

/** Every request asks for `n=a`, and every answer says `{"v":"a"}`: each version takes both, or neither. */
type Word = 'a' | 'b';

const wordOf = (i: number): Word => (i % 2 === 0 ? 'a' : 'b');
const versionOf = (i: number): string => `${i}-${wordOf(i)}`;

/** `/both` is judged on both sides, `/request` and `/response` on one. */
function document(i: number): string {
  const parameters = [{ name: 'n', in: 'query', schema: { const: wordOf(i) } }];
  const answer = (v: object): object => ({
    responses: {
      200: { description: 'ok', content: { 'application/json': { schema: { type: 'object', properties: { v } } } } },
    },
  });
  const paths = {
    '/both': { get: { operationId: 'both', parameters, ...answer({ const: wordOf(i) }) } },
    '/request': { get: { operationId: 'request', parameters, ...answer({}) } },
    '/response': { get: { operationId: 'response', ...answer({ const: wordOf(i) }) } },
  };
  return JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: versionOf(i) }, paths });
}

/** What no version may look like: cut off, a document of another kind, a schema that means nothing, an operation less than a route names. */
const BAD: ReadonlyArray<(i: number) => string> = [
  (i) => document(i).slice(0, 200),
  () => '{"swagger": "2.0"}',
  (i) => document(i).replace('"type":"object"', '"type":"objekt"'),
  (i) => document(i).replace('"operationId":"request"', '"operationId":"another"'),
  () => '',
];

const MODES = { both: 'report', request: 'enforce', response: 'enforce' } as const;

test.each(['a file', 'a URL'] as const)(
  'the contract in %s changes 50 times at 1,000 requests a second, half of the versions bad: no request is lost, each is answered by one version',
  { timeout: 120_000 },
  async (where) => {
    await using server = await startDocumentServer();
    await using origin = await startOrigin((_, res) => {
      res.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', '9']);
      res.end('{"v":"a"}');
    });
    const operations = Object.fromEntries(Object.entries(MODES).map(([id, mode]) => [id, { request: mode, response: mode }]));
    const publish = (dir: string, text: string): void => {
      if (where === 'a file') replaceFile(join(dir, 'api.json'), text);
      else server.files.set('/api.json', text);
    };
    const options = (dir: string): GatewayOptions => {
      publish(dir, document(0));
      return {
        upstream: origin.port,
        route: { contract: 'api', policies: { contract: { operations } } },
        sections: {
          ...UNWATCHED,
          contracts: { api: { openapi: where === 'a file' ? 'api.json' : `${server.url}/api.json` } },
          telemetry: { accessLog: join(dir, ACCESS_LOG), limits: { violations: 100_000 } },
        },
      };
    };
    await using gateway = await startReloading(options);
    const loads = Object.keys(MODES).map(
      (path) => new SteadyLoad(() => gateway.port(), [`GET /${path}?n=a HTTP/1.1`, 'Host: a'], PER_SECOND / 3),
    );
    const sent = (): number => loads.reduce((sum, load) => sum + load.sent, 0);
    let good = 0;
    for (let i = 1; i <= RELOADS; i++) {
      const bad = i % 2 === 0;
      if (!bad) good += 1;
      publish(gateway.dir, bad ? (BAD[(i / 2) % BAD.length] as (i: number) => string)(i) : document(good));
      await gateway.gateway.reload();
      const { items } = await gateway.admin<{ items: { version: string; state: string }[] }>('/api/contracts');
      expect(items).toMatchObject([{ version: versionOf(good), state: bad ? 'refused' : 'active' }]);
      const before = sent();
      await until(() => sent() > before + PER_SECOND / 50, 'twenty requests', 20_000);
    }
    const reports = await Promise.all(loads.map((load) => load.stop()));
    expect(reports.flatMap(({ lost }) => lost)).toEqual([]);
    const answered = reports.map(({ answers }) => [...answers.keys()].map((key) => key.slice(0, 3)).sort());
    expect(answered.map((statuses) => [...new Set(statuses)])).toEqual([['200'], ['200', '422'], ['200', '502']]);
    await until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === 0, 'no exchange in flight');

    // Every exchange, by what the log says of it.
    const log = new AccessLines(join(gateway.dir, ACCESS_LOG));
    const lines = await until(() => {
      const all = log.all();
      return all.length === sent() && all;
    }, 'every line');
    const versions = new Map<string, string>();
    let unjudged = 0;
    for (const line of lines) {
      const version = line.contract_version;
      const takes = version.endsWith('-a');
      versions.set(line.request_id, version);
      const expected = {
        '/both': [200, takes ? 0 : 2],
        '/request': [takes ? 200 : 422, takes ? 0 : 1],
        '/response': [takes ? 200 : 502, takes ? 0 : 1],
      }[line.path];
      // A machine that is late skips answers in report, and says so; a mixture of two versions would not be said.
      const skipped = line.path === '/both' && line.violations === 1;
      if (skipped) unjudged += 1;
      expect([line.path, version, line.status, line.violations + Number(skipped)]).toEqual([line.path, version, ...(expected ?? [])]);
    }
    expect(new Set(versions.values())).toEqual(new Set(Array.from({ length: good + 1 }, (_, i) => versionOf(i))));

    // Every violation, by what the API says of it.
    let told = 0;
    for (let after = ''; ; ) {
      const page = await gateway.admin<{ items: ViolationItem[]; next: string | null }>(`/api/violations?limit=1000${after}`);
      for (const { requestId, contractVersion } of page.items)
        expect([requestId, contractVersion]).toEqual([requestId, versions.get(requestId)]);
      told += page.items.length;
      if (page.next === null) break;
      after = `&after=${page.next}`;
    }
    expect(told).toBe(lines.reduce((sum, { violations }) => sum + violations, 0));
    const metrics = await gateway.metrics();
    const skips = metrics.value('plumbline_contract_checks_total', { operation: 'both', side: 'response', reason: 'overload' });
    expect(unjudged).toBeLessThanOrEqual(skips);
    expect(metrics.value('plumbline_contract_violations_total')).toBe(told);
    expect(metrics.value('plumbline_requests_total')).toBe(sent());
    const reloads = (outcome: string): number => metrics.value('plumbline_contract_reloads_total', { outcome });
    expect([reloads('taken'), reloads('refused')]).toEqual([RELOADS / 2, RELOADS / 2]);
  },
);
