/** Whoever is paged finds a page, and on it what to look at and what to do. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readCatalogue } from '../dashboards/catalogue.ts';
import { namesIn } from '../dashboards/promql-names.ts';
import { root } from '../lint/tree.ts';
import { ruleGroups } from './groups.ts';
import { hasPromtool, promtool } from './promtool.ts';
import type { AlertingRule } from './rule.ts';

const rules = ruleGroups({ windowScale: 1 }).flatMap((group) => group.rules);
const alerts = rules.filter((rule): rule is AlertingRule => 'alert' in rule);
const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));
const pages = [...new Set(alerts.map(({ annotations }) => annotations['runbook_url'] as string))];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const SECTIONS = ['Look', 'Do', 'Over when', 'False alarm?'];
/** Prometheus' own: of a target, and the name of any metric. */
const OF_PROMETHEUS = ['scrape_samples_scraped', '__name__'];

/** Expressions to paste, one a line. */
function expressionsOf(page: string): string[] {
  return [...page.matchAll(/```promql\n([\s\S]*?)```/g)].flatMap(([, block]) => (block as string).trim().split('\n'));
}

describe('runbooks', async () => {
  const catalogue = await readCatalogue();

  it('there is one for each alert, and no other', () => {
    expect(pages.map((path) => path.replace('docs/runbooks/', '')).toSorted()).toEqual(
      readdirSync(join(root, 'docs/runbooks'))
        .filter((file) => file !== 'README.md')
        .toSorted(),
    );
  });

  it.each(pages)('%s has its sections, the commands first', (path) => {
    const text = read(path);
    expect(text).toMatch(new RegExp(`^# ${path.slice('docs/runbooks/'.length, -'.md'.length)}\\n\\n\\S`));
    const [head = '', ...sections] = text.split(/^## /m);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(SECTIONS);
    expect(head.length).toBeLessThan(700);
    for (const section of sections) expect(section.length).toBeGreaterThan(40);
    expect(sections[0]).toContain('```sh');
    expect(text.split('\n').length).toBeLessThan(80);
  });

  it.each(pages)('%s asks for metrics and labels that are there', (path) => {
    const expressions = expressionsOf(read(path));
    expect(expressions.length).toBeGreaterThan(1);
    for (const { metric, matchers } of expressions.flatMap((expr) => namesIn(expr).selectors)) {
      const known = catalogue.get(metric) ?? catalogue.get(metric.replace(/_(bucket|sum|count)$/, ''));
      expect(known !== undefined || recorded.has(metric) || OF_PROMETHEUS.includes(metric), metric).toBe(true);
      for (const { label } of matchers) expect([...(known?.labels ?? []), 'job', 'namespace', 'pod', '__name__'], metric).toContain(label);
    }
  });

  it.each(alerts.map(({ alert, annotations }) => [alert, annotations['dashboard_url'] as string] as const))(
    'the board of %s is there: %s',
    (alert, board) => {
      expect(existsSync(join(root, board))).toBe(true);
      expect(read(`docs/runbooks/${alert}.md`)).toContain(`\`${board}\``);
    },
  );

  it('addresses of one’s own lead to the page, and to a board on which the thing is chosen', () => {
    const groups = ruleGroups({ windowScale: 1, runbookBase: 'https://wiki.example/', grafana: 'https://grafana.example' });
    const [first] = groups.flatMap((group) => group.rules).filter((rule): rule is AlertingRule => 'alert' in rule);
    expect(first?.annotations['runbook_url']).toBe('https://wiki.example/ContractErrorBudgetBurn.md');
    expect(first?.annotations['dashboard_url']).toContain('https://grafana.example/d/plumbline-contracts-and-drift?from=now-6h&to=now');
    expect(first?.annotations['dashboard_url']).toContain('{{ with $labels.api }}&var-api={{ . | urlquery }}{{ end }}');
    const uid = (JSON.parse(read('dashboards/contracts-and-drift.json')) as { uid: string }).uid;
    expect(uid).toBe('plumbline-contracts-and-drift');
  });

  it.runIf(hasPromtool())('promtool can read every expression', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-runbooks-'));
    try {
      const expressions = pages.flatMap((path) => expressionsOf(read(path)));
      const file = join(folder, 'rules.yaml');
      writeFileSync(
        file,
        stringify({ groups: [{ name: 'runbooks', rules: expressions.map((expr, i) => ({ record: `runbook:${i}`, expr })) }] }),
      );
      const { ok, said } = await promtool('check', 'rules', file);
      expect(ok, said).toBe(true);
      expect(said).toContain(`SUCCESS: ${expressions.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
