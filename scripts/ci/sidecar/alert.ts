import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleGroups } from '../../rules/groups.ts';
import { promtool } from '../../rules/promtool.ts';
import { rulesFor } from '../../rules/subset.ts';
import { rulesYaml } from '../../rules/yaml.ts';

/** Longer than any `for` of the alerts that are asked about. */
const MINUTES = 15;

/** Whether an alert of ours fires where all pods of a job go on saying what this scrape says: by Prometheus' own evaluation. */
export async function fires(alert: string, scrape: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-alert-'));
  const expected = async (count: number): Promise<boolean> => {
    const samples = count === 0 ? '[]' : `[{ labels: '{}', value: ${count} }]`;
    const text = `rule_files: [rules.yaml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
${seriesOf(scrape).join('\n')}
    promql_expr_test:
      - { expr: 'count(ALERTS{alertname="${alert}",alertstate="firing"})', eval_time: ${MINUTES}m, exp_samples: ${samples} }
`;
    writeFileSync(join(folder, 'test.yaml'), text);
    return (await promtool('test', 'rules', join(folder, 'test.yaml'))).ok;
  };
  try {
    writeFileSync(join(folder, 'rules.yaml'), rulesYaml(rulesFor(ruleGroups({ windowScale: 1 }), alert)));
    const [some, none] = [await expected(1), await expected(0)];
    if (some === none) throw new Error(`promtool says neither that ${alert} fires nor that it does not`);
    return some;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a Prometheus would have of it: with the labels that it gives each target. */
function seriesOf(scrape: string): string[] {
  const target = 'namespace="shop",job="plumbline",pod="a",instance="a"';
  return scrape
    .split('\n')
    .filter((line) => line.startsWith('plumbline_contract_'))
    .map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const series = `${name}{${target}${labels === '' ? '' : `,${labels}`}}`;
      return `      - { series: '${series.replaceAll("'", "''")}', values: '${value}x${MINUTES * 2}' }`;
    });
}
