import { isExpected, shown, until } from './expectations.ts';
import type { Notified } from './alertmanager.ts';
import { panelsOf, wrongPanels } from './panels.ts';
import type { Report } from './report.ts';
import type { Stage } from './stage.ts';

const FIRE_MS = 60_000;
const RESOLVE_MS = 60_000;

const drifts = (firing: readonly Notified[], operation?: string): readonly Notified[] =>
  firing.filter((one) =>
    isExpected(one, { name: 'SchemaDriftNew', owner: 'billing', ...(operation !== undefined && { labels: { operation } }) }),
  );

/**
 * Findings page, one by one: the first, then a second beside it; what is acknowledged falls silent and nothing else; what the baseline file lists too; and a process that was
 * killed has forgotten nothing.
 */
export async function driftPhase(stage: Stage, report: Report): Promise<void> {
  const { alertmanager, gateway, upstream, provider, load, prometheus } = stage;
  const firing = (operation?: string): readonly Notified[] => drifts(alertmanager.firing, operation);

  upstream.trouble.oddPayment = true;
  const first = await until(alertmanager, () => firing('getPayment').length > 0, FIRE_MS);
  report.hold(
    first !== undefined,
    'drift: an unknown status of a payment fires SchemaDriftNew of getPayment, and billing is told',
    alertmanager.firing.map(shown).join('\n'),
  );

  provider.setDrift(true);
  load.behaviour.wrong = true;
  const second = await until(alertmanager, () => firing('listInvoices').length > 0 && firing('getPayment').length > 0, FIRE_MS);
  report.hold(
    second !== undefined,
    'drift: another finding, of listInvoices, fires while the first still stands',
    alertmanager.firing.map(shown).join('\n'),
  );
  const burning = await until(
    alertmanager,
    (all) =>
      all.some((one) => isExpected(one, { name: 'ContractErrorBudgetBurn', owner: 'billing', labels: { burn: 'fast', side: 'response' } })),
    FIRE_MS,
  );
  report.hold(
    burning !== undefined,
    'drift: ContractErrorBudgetBurn fires, fast, of the answers',
    alertmanager.firing.map(shown).join('\n'),
  );
  const { wrong, expressions } = await wrongPanels(prometheus, panelsOf('drift'), 'load', 30_000);
  report.hold(
    wrong.length === 0,
    `drift: ${expressions} expressions of its panels are in their ranges`,
    wrong.map((w) => `${w.board} ${w.panel}: ${w.why}`).join('\n'),
  );

  const before = firing().length;
  for (const finding of (await gateway.findings('new')).filter(({ operation }) => operation === 'getPayment'))
    await gateway.acknowledge(finding);
  const silent = await until(alertmanager, () => firing('getPayment').length === 0, RESOLVE_MS);
  report.hold(
    silent !== undefined && firing('listInvoices').length > 0,
    `drift: acknowledging those of getPayment silences just them (${before} alerts, then ${firing().length})`,
    alertmanager.firing.map(shown).join('\n'),
  );

  await gateway.kill();
  await gateway.start();
  const [acknowledged, stillNew] = [await gateway.findings('acknowledged'), await gateway.findings('new')];
  const isKept =
    acknowledged.some(({ operation }) => operation === 'getPayment') && stillNew.some(({ operation }) => operation === 'listInvoices');
  report.hold(
    isKept,
    `drift: a process that was killed has forgotten nothing (${acknowledged.length} acknowledged, ${stillNew.length} new)`,
    gateway.said.slice(-2000),
  );

  const file = await gateway.baselineOf();
  gateway.baseline(file);
  const all = await until(alertmanager, () => firing().length === 0, RESOLVE_MS);
  report.hold(
    all !== undefined,
    'drift: what the baseline file lists is silent',
    `${alertmanager.firing.map(shown).join('\n')}\n${file.slice(0, 1000)}`,
  );

  upstream.trouble.oddPayment = false;
  provider.setDrift(false);
  load.behaviour.wrong = false;
  // Not by the alert alone: while the process was killed the rates had a gap, in which it was over for a moment, and the last wrong answers are still to be scraped.
  const mended = await until(
    alertmanager,
    async (now) =>
      !now.some(({ labels }) => labels['alertname'] === 'ContractErrorBudgetBurn' && labels['burn'] === 'fast') &&
      (await isOver(prometheus, 'plumbline:contract_checks_invalid:increase30m')),
    180_000,
  );
  report.hold(mended !== undefined, 'drift: mended, the fast burn is over', alertmanager.firing.map(shown).join('\n'));
  const fired = alertmanager
    .takeFired()
    .filter(({ labels }) => !['SchemaDriftNew', 'ContractErrorBudgetBurn'].includes(labels['alertname'] ?? ''));
  report.hold(fired.length === 0, 'drift: no other alert has fired', fired.map(shown).join('\n'));
}

/** There are samples of the rule, and each is 0. */
async function isOver(prometheus: Stage['prometheus'], rule: string): Promise<boolean> {
  const samples = await prometheus.query(rule);
  return samples.length > 0 && samples.every(({ value }) => value === 0);
}
