/** Every alert has tests that fire it and tests that must stay silent, and `promtool` runs them where it is installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ruleGroups } from './groups.ts';
import { everyMove } from './moved.ts';
import { TESTS, hasPromtool, promtool, testAlert, testNames } from './promtool.ts';
import type { AlertingRule } from './rule.ts';
import { rulesFor } from './subset.ts';
import { THRESHOLDS } from './thresholds.ts';

interface Expected {
  readonly exp_labels: Readonly<Record<string, string>>;
  readonly exp_annotations?: Readonly<Record<string, string>>;
}

interface Case {
  readonly name: string;
  readonly input_series: ReadonlyArray<{ readonly series: string; readonly values: string }>;
  readonly alert_rule_test: ReadonlyArray<{ readonly alertname: string; readonly exp_alerts: readonly Expected[] }>;
}

const groups = ruleGroups({ windowScale: 1 });
const alerts = groups.flatMap((group) => group.rules).filter((rule): rule is AlertingRule => 'alert' in rule);
const names = [...new Set(alerts.map(({ alert }) => alert))];
const casesOf = (name: string): readonly Case[] =>
  (parse(readFileSync(join(TESTS, `${name}.test.yaml`), 'utf8')) as { tests: Case[] }).tests;

describe('each alert', () => {
  it('has thresholds, and each threshold an alert', () => {
    expect(names.toSorted()).toEqual(Object.keys(THRESHOLDS).toSorted());
  });

  it('has a file of tests, and each file an alert', () => {
    expect(
      testNames()
        .filter((name) => name !== 'owners')
        .toSorted(),
    ).toEqual(names.toSorted());
  });

  it.each(alerts.map((rule) => ({ ...rule, what: Object.values(rule.labels).join(' ') })))(
    '$alert ($what): a test fires it, with its owner and all it says',
    ({ alert, labels, annotations }) => {
      const expected = casesOf(alert).flatMap((one) => one.alert_rule_test.flatMap((at) => at.exp_alerts));
      const firing = expected.filter(({ exp_labels }) =>
        Object.entries({ burn: undefined, ...labels }).every(([name, value]) => exp_labels[name] === value),
      );
      expect(firing).not.toEqual([]);
      for (const { exp_labels, exp_annotations } of firing) {
        expect(exp_labels['owner']).toMatch(/./);
        expect(Object.keys(exp_annotations ?? {}).toSorted()).toEqual(Object.keys(annotations).toSorted());
      }
    },
  );

  it.each(names)('%s: a test with series of its own metrics stays silent', (alert) => {
    const read = rulesFor(groups, alert)
      .flatMap(({ rules }) => rules.map(({ expr }) => expr))
      .join('\n');
    const silent = casesOf(alert).filter(({ name }) => name.startsWith('silent: '));
    expect(silent).not.toEqual([]);
    for (const { name, input_series, alert_rule_test } of silent) {
      expect(alert_rule_test.at(-1)?.exp_alerts ?? ['no check'], name).toEqual([]);
      const own = input_series.map(({ series }) => series.split('{')[0] as string).filter((metric) => !/_(info|in_flight)$/.test(metric));
      expect(own.some((metric) => read.includes(metric)) || alert === 'ContractSkew', name).toBe(true);
    }
  });

  it.each(names)('%s: tests say by their names what they show', (alert) => {
    for (const { name, alert_rule_test } of casesOf(alert)) {
      expect(name).toMatch(/^(fires|silent)(: | as a )/);
      expect(
        alert_rule_test.every(({ alertname }) => alertname === alert),
        name,
      ).toBe(true);
      if (name.startsWith('fires'))
        expect(
          alert_rule_test.some(({ exp_alerts }) => exp_alerts.length > 0),
          name,
        ).toBe(true);
    }
  });

  it('is moved in each of its numbers by the stage of CI', () => {
    expect(everyMove().length).toBe(2 * Object.values(THRESHOLDS).reduce((sum, numbers) => sum + Object.keys(numbers).length, 0));
  });
});

/** The quick ones: all of them, and every number moved, are a stage of CI (`node scripts/ci/rules.ts`). */
const QUICK = ['SchemaDriftNew', 'TimeoutRatio', 'CircuitOpen', 'ContractReloadFailed', 'RetryBudgetExhausted', 'EventLoopLag'];

if (hasPromtool()) {
  describe('promtool', () => {
    it('takes the files that are shipped', async () => {
      const files = ['recording', 'alerts'].map((kind) => join(TESTS, '..', `plumbline.${kind}.yaml`));
      const { ok, said } = await promtool('check', 'rules', ...files);
      expect(ok, said).toBe(true);
      expect(said.match(/SUCCESS/g)).toHaveLength(2);
    });

    it.each(QUICK)('agrees with the tests of %s', async (alert) => {
      const { ok, said } = await testAlert(alert, { windowScale: 1 });
      expect(ok, said).toBe(true);
    });

    it('sees a number that moved', async () => {
      const moved = everyMove().find(({ what }) => what.startsWith('TimeoutRatio.ratio'));
      const { ok } = await testAlert('TimeoutRatio', { windowScale: 1, ...(moved && { thresholds: moved.thresholds }) });
      expect(ok).toBe(false);
    });
  });
} else {
  it('promtool is not installed: the tests of the rules are NOT run here', () => {
    console.warn('promtool is not installed: the tests of the rules are NOT run here (Debian: apt-get install prometheus)');
    expect(hasPromtool()).toBe(false);
  });
}
