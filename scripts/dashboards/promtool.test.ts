/** The boards' expressions as Prometheus reads and evaluates them: `promtool` of Prometheus 2.42 or later. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { boards, expressionsFor } from './boards.ts';
import { boardJson } from './render.ts';
import { substitute } from './substitute.ts';

const isInstalled = spawnSync('promtool', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'plumbline-boards-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** JSON is YAML. */
function promtool(command: 'check' | 'test', content: object): { readonly status: number | null; readonly said: string } {
  const file = join(folder, `${command}.yaml`);
  writeFileSync(file, JSON.stringify(content));
  const { status, stdout, stderr } = spawnSync('promtool', [command, 'rules', file], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const asRules = (expressions: readonly string[]) => ({
  groups: [{ name: 'boards', rules: expressions.map((expr, i) => ({ record: `board:expression:${i}`, expr })) }],
});

type Chosen = Readonly<Record<string, readonly string[]>>;

/** Of a panel's target, with what is chosen above the board. */
function ask(file: string, id: number, target = 0, chosen: Chosen = {}): string {
  const panel = boards.find((board) => board.file === `${file}.json`)?.panels.find((one) => one.id === id);
  const found = panel && expressionsFor(panel, { interval: '15s', chosen })[target];
  if (found === undefined) throw new Error(`${file} has no panel ${id} with a target ${target}`);
  return found.expr;
}

/** A counter that grows by so much a second, scraped each 15 s; a gauge that stands. */
const grows = (series: string, perSecond: number) => ({ series, values: `0+${15 * perSecond}x40` });
const stands = (series: string, value: number) => ({ series, values: `${value}+0x40` });

/** What `promtool` says of an expression over series, after five minutes; empty where it gives the samples. */
function judged(input: readonly object[], expr: string, samples: Readonly<Record<string, number>>): string {
  const exp_samples = Object.entries(samples).map(([labels, value]) => ({ labels, value }));
  const promql_expr_test = [{ expr, eval_time: '5m', exp_samples }];
  const { status, said } = promtool('test', { tests: [{ interval: '15s', input_series: input, promql_expr_test }] });
  return status === 0 ? '' : said;
}

describe.skipIf(!isInstalled)('promtool', () => {
  const written = boards.flatMap((board) => [
    ...board.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)),
    ...boardJson(board).annotations.list.map(({ target }) => target?.expr ?? ''),
  ]);

  it('parses every expression, with all and with several chosen, and refuses one that is wrong', () => {
    expect(written.length).toBeGreaterThan(100);
    const several = { api: ['a.b', 'c|d'], consumer: ['x"y'.slice(0, 1), 'z\\w'] };
    const all = written.flatMap((expr) => [{}, several].map((chosen) => substitute(expr, { interval: '15s', chosen })));
    expect(promtool('check', asRules(all)).said).toContain(`SUCCESS: ${all.length} rules found`);
    expect(promtool('check', asRules(['sum(rate(a[60000ms])'])).status).not.toBe(0);
  });

  const IN_FLIGHT = (api: string) =>
    stands(`plumbline_requests_in_flight{namespace="n",job="j",pod="p",direction="ingress",api="${api}"}`, 1);
  const REQUESTS = (api: string, status: number) =>
    `plumbline_requests_total{namespace="n",job="j",pod="p",direction="ingress",api="${api}",operation="o",status_code="${status}"}`;
  const INFO = (pod: string, owner: string) =>
    stands(`plumbline_contract_info{namespace="n",job="j",pod="${pod}",api="billing",digest="d",owner="${owner}"}`, 1);
  const FOUND = (pod: string, kind: string, value: number) =>
    stands(
      `plumbline_drift_findings{namespace="n",job="j",pod="${pod}",direction="ingress",api="billing",operation="o",kind="${kind}",state="new"}`,
      value,
    );

  it('a finding that two replicas tell of is one finding, and none at all are 0', () => {
    const series = [FOUND('p1', 'field', 3), FOUND('p2', 'field', 3), FOUND('p2', 'status', 1)];
    expect(judged(series, ask('overview', 5), { '{}': 4 })).toBe('');
    expect(judged([], ask('overview', 5), { '{}': 0 })).toBe('');
    expect(judged([], ask('overview', 5), { '{}': 1 })).toContain('FAILED');
  });

  it('every api is in the table of what is broken: well, in trouble, with two owners, with none', () => {
    const series = [
      ...['billing', 'orphan', 'well'].map(IN_FLIGHT),
      ...['billing', 'orphan'].flatMap((api) => [grows(REQUESTS(api, 200), 3), grows(REQUESTS(api, 503), 1)]),
      FOUND('p1', 'field', 3),
      INFO('p1', 'a'),
      INFO('p2', 'b'),
      INFO('p3', 'a'),
      stands('ALERTS{alertstate="firing",alertname="X",namespace="n",job="j",api="orphan"}', 1),
      stands('ALERTS{alertstate="firing",alertname="GatewayDown",namespace="n",job="j"}', 1),
      stands('ALERTS{alertstate="pending",alertname="Y",namespace="n",job="j",api="well"}', 1),
    ];
    expect(
      judged(series, ask('overview', 7), {
        '{namespace="n",api="billing",owner="a"}': 2,
        '{namespace="n",api="orphan"}': 2,
        '{namespace="n",api="well"}': 0,
      }),
    ).toBe('');
  });

  it('errors are a share: 0 without a 5xx, nothing without traffic, and only of what is chosen', () => {
    const series = [grows(REQUESTS('billing', 200), 1), grows(REQUESTS('other', 500), 1)];
    expect(judged(series, ask('overview', 2), { '{}': 0.5 })).toBe('');
    expect(judged(series, ask('overview', 2, 0, { api: ['billing'] }), { '{}': 0 })).toBe('');
    expect(judged([grows(REQUESTS('billing', 500), 0)], ask('overview', 2), {})).toBe('');
  });

  it('a quantile of nothing is left out', () => {
    const bucket = (operation: string, le: string, perSecond: number) =>
      grows(
        `plumbline_request_duration_seconds_bucket{namespace="n",job="j",api="billing",operation="${operation}",le="${le}"}`,
        perSecond,
      );
    const series = [bucket('busy', '0.1', 1), bucket('busy', '+Inf', 1), bucket('idle', '0.1', 0), bucket('idle', '+Inf', 0)];
    expect(judged(series, ask('overview', 14), { '{api="billing",operation="busy"}': 0.095 })).toBe('');
  });

  it('of a circuit the replica counts that is worst off', () => {
    const state = (pod: string, upstream: string, is: string) =>
      ['closed', 'open', 'half_open'].map((name) =>
        stands(`plumbline_circuit_state{pod="${pod}",api="billing",upstream="${upstream}",state="${name}"}`, name === is ? 1 : 0),
      );
    const series = [
      ...state('p1', 'u1', 'closed'),
      ...state('p2', 'u1', 'open'),
      ...state('p1', 'u2', 'half_open'),
      ...state('p1', 'u3', 'closed'),
    ];
    const samples = Object.fromEntries([2, 1, 0].map((value, i) => [`{api="billing",upstream="u${i + 1}"}`, value]));
    expect(judged(series, ask('upstreams-and-sla', 14), samples)).toBe('');
    expect(judged(series, ask('upstreams-and-sla', 4), { '{}': 2 })).toBe('');
  });

  it('a budget burns by how much of it there is, and one that is none does not', () => {
    const counted = (api: string, good: boolean, perSecond: number) =>
      grows(`plumbline_sla_requests_total{namespace="n",api="${api}",objective="availability",good="${good}"}`, perSecond);
    const promised = (api: string, ratio: number) => stands(`plumbline_sla_objective_ratio{namespace="n",api="${api}",owner="o"}`, ratio);
    const series = [...['a', 'b'].flatMap((api) => [counted(api, true, 1), counted(api, false, 1)]), promised('a', 0.75), promised('b', 1)];
    expect(judged(series, ask('upstreams-and-sla', 8), { '{namespace="n",api="a"}': 2 })).toBe('');
  });

  it('what went wrong by reason is one line of 0 where nothing did, and only the reasons where something did', () => {
    const expr = ask('contracts-and-drift', 13);
    const skipped = (reason: string) =>
      grows(`plumbline_contract_checks_total{api="billing",operation="o",side="request",outcome="skipped",reason="${reason}"}`, 2);
    expect(judged([], expr, { '{reason="none"}': 0 })).toBe('');
    expect(judged([skipped('sampled')], expr, { '{reason="sampled"}': 2 })).toBe('');
  });

  it('other processes of Node, scraped by the same job or by others, are no gateways', () => {
    const node = (job: string, instance: string, lag: number) => [
      stands(`nodejs_eventloop_lag_p99_seconds{namespace="n",job="${job}",instance="${instance}"}`, lag),
      grows(`process_cpu_seconds_total{namespace="n",job="${job}",instance="${instance}"}`, lag),
    ];
    const series = [
      ...node('j', 'gateway', 0.25),
      ...node('j', 'service', 2),
      ...node('other', 'gateway', 3),
      stands('plumbline_build_info{namespace="n",job="j",instance="gateway"}', 1),
    ];
    expect(judged(series, ask('gateway-health', 4), { '{}': 0.25 })).toBe('');
    expect(judged(series, ask('gateway-health', 5), { '{}': 0.25 })).toBe('');
  });

  it('a try without an answer failed, whatever its status', () => {
    const tries = (klass: string, code: string) =>
      grows(`plumbline_upstream_attempts_total{api="billing",operation="o",status_class="${klass}",code="${code}"}`, 1);
    const series = [tries('2xx', ''), tries('5xx', ''), tries('5xx', 'UPSTREAM_TIMEOUT'), tries('2xx', 'UPSTREAM_RESET')];
    expect(judged(series, ask('upstreams-and-sla', 2), { '{}': 0.75 })).toBe('');
  });
});
