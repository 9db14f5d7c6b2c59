/** Who is told, asked of the recorded owners alone: the tests with alerts are those of `owners.test.yaml`, a stage of CI. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ruleGroups } from './groups.ts';
import { hasPromtool, promtool } from './promtool.ts';
import { rulesYaml } from './yaml.ts';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-owners-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TARGET = 'namespace="n",job="j",instance="a"';
const series = (metric: string, labels: string, values: string) => ({ series: `${metric}{${TARGET}${labels}}`, values });
const up = (values: string) => series('up', '', values);
const build = (values: string) => series('plumbline_build_info', '', values);
const configured = (api: string, values: string) => series('plumbline_contract_reload_success', `,api="${api}"`, values);
const served = (api: string, values: string) => series('plumbline_requests_in_flight', `,direction="ingress",api="${api}"`, values);
const owned = (api: string, owner: string, values: string) => series('plumbline_contract_info', `,api="${api}",owner="${owner}"`, values);

const BEFORE = '1x10 stale';
const AFTER = '_x11 1x20';
const ALWAYS = '1x40';

/** Who is told of the api, and of the gateway, after 25 minutes; what changed did so after ten. */
async function told(input: readonly object[], owners: { readonly api: string | undefined; readonly gateway: string | undefined }) {
  const expected = (owner: string | undefined, labels: string) =>
    owner === undefined ? [] : [{ labels: `{namespace="n",job="j",owner="${owner}"${labels}}`, value: 1 }];
  const test = {
    rule_files: ['rules.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: input,
        promql_expr_test: [
          {
            expr: 'sum by (namespace, job, api, owner) (plumbline:api_owner:info{api="billing"})',
            eval_time: '25m',
            exp_samples: expected(owners.api, ',api="billing"'),
          },
          {
            expr: 'sum by (namespace, job, owner) (plumbline:gateway_owner:info)',
            eval_time: '25m',
            exp_samples: expected(owners.gateway, ''),
          },
        ],
      },
    ],
  };
  const recorded = ruleGroups({ windowScale: 1 }).filter(({ name }) => name === 'plumbline.owners');
  writeFileSync(join(folder, 'rules.yaml'), rulesYaml(recorded));
  writeFileSync(join(folder, 'test.yaml'), JSON.stringify(test));
  const { ok, said } = await promtool('test', 'rules', join(folder, 'test.yaml'));
  expect(ok, said).toBe(true);
}

describe.skipIf(!hasPromtool())('an owner of before', () => {
  it('is told while nothing answers', async () => {
    const input = [up('1x10 0x30'), build(BEFORE), owned('billing', 'a', BEFORE), configured('billing', BEFORE), served('billing', BEFORE)];
    await told(input, { api: 'a', gateway: 'a' });
  });

  it('is told after a restart that has no version of the contract to use', async () => {
    const input = [up(ALWAYS), build(ALWAYS), owned('billing', 'a', BEFORE), configured('billing', ALWAYS), served('billing', ALWAYS)];
    await told(input, { api: 'a', gateway: 'a' });
  });

  it('is forgotten where the contract names nobody any more', async () => {
    const input = [up(ALWAYS), build(ALWAYS), configured('billing', ALWAYS), served('billing', ALWAYS)];
    await told([...input, owned('billing', 'a', BEFORE), owned('billing', '', AFTER)], { api: undefined, gateway: undefined });
  });

  it('is forgotten where another api is served, whose owner has as many votes', async () => {
    const input = [up(ALWAYS), build(ALWAYS), served('billing', ALWAYS), owned('billing', 'z', BEFORE), configured('billing', BEFORE)];
    await told([...input, served('ledger', AFTER), owned('ledger', 'a', AFTER), configured('ledger', AFTER)], {
      api: undefined,
      gateway: 'a',
    });
  });

  it('is forgotten with the last target', async () => {
    const input = [up(BEFORE), build(BEFORE), owned('billing', 'a', BEFORE), configured('billing', BEFORE), served('billing', BEFORE)];
    await told(input, { api: undefined, gateway: undefined });
  });
});
