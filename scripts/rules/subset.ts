/** The rules that one alert needs: a test of one alert need not evaluate all. */
import type { RuleGroup } from './rule.ts';

/** Groups with the rules called `alert` and, beside them, all recording rules that they read, directly or through others. */
export function rulesFor(groups: readonly RuleGroup[], alert: string): RuleGroup[] {
  const recording = groups.flatMap(({ rules }) => rules.filter((rule) => 'record' in rule));
  const needed = new Set<string>();
  const read = (text: string): void => {
    for (const { record, expr } of recording) {
      if (needed.has(record) || !mentions(text, record)) continue;
      needed.add(record);
      read(expr);
    }
  };
  for (const { rules } of groups) {
    for (const rule of rules) if ('alert' in rule && rule.alert === alert) read(`${rule.expr} ${rule.annotations['description']}`);
  }
  return groups
    .map(({ name, rules }) => ({
      name,
      rules: rules.filter((rule) => ('record' in rule ? needed.has(rule.record) : rule.alert === alert)),
    }))
    .filter(({ rules }) => rules.length > 0);
}

/** As a whole name: `…:increase5m` is no mention of `…:increase5`. */
function mentions(text: string, record: string): boolean {
  return new RegExp(`(?<![\\w:])${record}(?![\\w:])`).test(text);
}
