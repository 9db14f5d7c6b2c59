/** Whether a run has shown what it is for. Pure. */
import type { Summary } from '../../../loadtests/lib/summary.ts';
import type { Run } from './plan.ts';

/** What k6's exit code means, where it is not what a threshold says (k6's errext/exitcodes). */
const CODES: Readonly<Record<number, string>> = {
  99: 'a threshold was crossed',
  100: 'setup took too long',
  101: 'teardown took too long',
  104: 'its options are wrong',
  107: 'the script threw',
  108: 'the script gave up',
};

/** Why a run does not count; empty where it does. `summary`: undefined where there is none. */
export function faultsOf(run: Pick<Run, 'must'>, code: number, summary: Summary | undefined): string[] {
  const faults = code === 0 ? [] : [`k6 ended with ${code}${CODES[code] === undefined ? '' : `: ${CODES[code]}`}`];
  if (summary === undefined) return [...faults, 'there is no summary'];
  const { requests, rows, dropped, checks, thresholds, counts } = summary;
  if (!(requests > 0)) faults.push('nothing was sent: void');
  if (rows.length === 0) faults.push('no row: void');
  for (const row of rows) if (!(row.requests > 0)) faults.push(`${row.title}: nothing was sent: void`);
  if (dropped > 0) faults.push(`${dropped} iterations were dropped: less was sent than was asked for`);
  if (checks.passed === 0) faults.push('nothing was checked: void');
  for (const name of checks.failing) faults.push(`check: ${name}`);
  if (thresholds.length === 0) faults.push('no threshold: void');
  for (const { metric, says, ok } of thresholds) if (!ok) faults.push(`${metric}: not ${says}`);
  for (const name of run.must) if (!((counts[name] ?? 0) > 0)) faults.push(`${name} is 0: void`);
  return faults;
}

/** What the service itself saw of keyed requests, against what the callers were told. */
export function executionFaults(made: ReadonlyMap<string, number>, summary: Summary | undefined): string[] {
  const keys = summary?.counts['expected{kind:new}'] ?? 0;
  const twice = [...made].filter(([, count]) => count > 1).map(([key]) => key);
  const faults = twice.length === 0 ? [] : [`${twice.length} keys were carried out more than once: ${twice.slice(0, 3).join(', ')}`];
  if (made.has('')) faults.push('the service was asked without a key');
  if (made.size !== keys) faults.push(`the service saw ${made.size} keys, the callers were told of ${keys}`);
  if (made.size === 0) faults.push('no payment was made: void');
  return faults;
}

/** Far above what the gateway adds: it shows a gateway that waits for something, not a slow machine. */
export const MAX_ADDED_P50_MS = 10;

export function overheadFaults(summary: Summary | undefined): string[] {
  const { direct, proxied } = waysOf(summary);
  if (direct === undefined || proxied === undefined) return ['not both ways were measured: void'];
  const added = proxied.p50Ms - direct.p50Ms;
  return added <= MAX_ADDED_P50_MS ? [] : [`the gateway added ${added.toFixed(2)} ms at p50, more than ${MAX_ADDED_P50_MS} ms`];
}

export function waysOf(summary: Summary | undefined): Partial<Record<'direct' | 'proxied', Summary['rows'][number]>> {
  const row = (title: string): Summary['rows'][number] | undefined => summary?.rows.find((one) => one.title === title && one.requests > 0);
  const [direct, proxied] = [row('direct'), row('proxied')];
  return { ...(direct && { direct }), ...(proxied && { proxied }) };
}
