/** Rule groups as Prometheus reads them from a file. */
import { stringify } from 'yaml';
import type { RuleGroup } from './rule.ts';

/** `head`: lines of a comment, without `#`. */
export function rulesYaml(groups: readonly RuleGroup[], head: readonly string[] = []): string {
  const comment = head.map((line) => `# ${line}\n`).join('');
  return `${comment}${stringify({ groups }, { lineWidth: 0, defaultStringType: 'PLAIN', blockQuote: 'literal' })}`;
}

/** What is recorded and what alerts, apart. */
export function byKind(groups: readonly RuleGroup[]): Readonly<Record<'recording' | 'alerts', readonly RuleGroup[]>> {
  const recording = groups.filter(({ rules }) => rules.every((rule) => 'record' in rule));
  return { recording, alerts: groups.filter((group) => !recording.includes(group)) };
}
