/**
 * A real run: Debian's Prometheus and Alertmanager, the example provider behind the gateway under a steady load, and faults switched on one by one. Every panel's expression is
 * evaluated; each alert that should fire fires, with its owner, and none other does; each resolves. Windows of rules are a sixtieth. Exit code 0 where all of it holds.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Notified } from './alerting/alertmanager.ts';
import { driftPhase } from './alerting/drift-phase.ts';
import { type ExpectedAlert, isExpected, shown, until } from './alerting/expectations.ts';
import { type Entry, faultPanels, panelsOf, wrongPanels } from './alerting/panels.ts';
import { PHASES, type Phase } from './alerting/phases.ts';
import { Report } from './alerting/report.ts';
import { type Stage, openStage } from './alerting/stage.ts';

const FIRE_MS = 90_000;
const RESOLVE_MS = 120_000;
/** Six hours, in this run. */
const SLOW_MS = 420_000;

/** Windows of three days and six hours: such an alert stands for minutes after its fault was mended. */
const isSlowBurn = ({ labels }: Notified): boolean => labels['burn'] === 'slow';
/** As long as such alerts stand. */
const withoutAlerts = faultPanels.filter(({ panel }) => panel.targets.every(({ expr }) => !expr.includes('ALERTS')));

async function quiet({ prometheus, alertmanager }: Stage, report: Report): Promise<void> {
  await sleep(12_000);
  const targets = await prometheus.targets();
  report.hold(
    targets.length === 1 && targets.every(({ health }) => health === 'up'),
    'quiet: the scrape is accepted',
    JSON.stringify(targets),
  );
  const broken = await prometheus.brokenRules();
  report.hold(broken.length === 0, 'quiet: every rule is evaluated', broken.join('\n'));
  const under = await wrongPanels(prometheus, panelsOf(undefined), 'load', 30_000);
  report.hold(
    under.wrong.length === 0,
    `quiet: ${under.expressions} expressions of panels without a fault are in their ranges`,
    lines(under.wrong),
  );
  await flat(prometheus, report, 'quiet', faultPanels);
  const fired = alertmanager.takeFired();
  report.hold(fired.length === 0, 'quiet: no alert has fired', fired.map(shown).join('\n'));
}

async function flat(prometheus: Stage['prometheus'], report: Report, when: string, entries: readonly Entry[]): Promise<void> {
  const { wrong, expressions } = await wrongPanels(prometheus, entries, 'quiet', 90_000);
  report.hold(wrong.length === 0, `${when}: ${expressions} expressions of panels with a fault are flat`, lines(wrong));
}

async function play(stage: Stage, report: Report, { fault, parts, may, mend }: Phase): Promise<void> {
  const { alertmanager, prometheus } = stage;
  const must: ExpectedAlert[] = [];
  // A part may hide what another shows: an open circuit lets nothing be tried again.
  let left: Awaited<ReturnType<typeof wrongPanels>> = { wrong: [], entries: panelsOf(fault), expressions: 0 };
  let expressions = 0;
  for (const part of parts) {
    part.on(stage);
    must.push(...part.must);
    for (const expected of part.must) {
      const after = await until(alertmanager, (firing) => firing.some((one) => isExpected(one, expected)), FIRE_MS);
      report.hold(
        after !== undefined,
        `${fault}: ${part.what}: ${expected.name} fires, and ${expected.owner} is told`,
        alertmanager.firing.map(shown).join('\n'),
      );
    }
    left = await wrongPanels(prometheus, left.entries, 'load', part === parts.at(-1) ? 30_000 : 8000);
    expressions = Math.max(expressions, left.expressions);
  }
  report.hold(left.wrong.length === 0, `${fault}: ${expressions} expressions of its panels are in their ranges`, lines(left.wrong));
  mend(stage);
  const over = await until(alertmanager, (firing) => firing.every(isSlowBurn), RESOLVE_MS);
  report.hold(over !== undefined, `${fault}: mended, its alerts resolve`, alertmanager.firing.map(shown).join('\n'));
  await flat(prometheus, report, `${fault}, mended`, withoutAlerts);
  const strange = alertmanager
    .takeFired()
    .filter(
      (one) => !must.some((expected) => isExpected(one, expected)) && !may.includes(one.labels['alertname'] ?? '') && !isSlowBurn(one),
    );
  report.hold(strange.length === 0, `${fault}: no other alert has fired`, strange.map(shown).join('\n'));
}

function lines(wrong: Awaited<ReturnType<typeof wrongPanels>>['wrong']): string {
  return wrong.map(({ board, panel, why }) => `${board}, ${panel}: ${why}`).join('\n');
}

async function down({ alertmanager, gateway, prometheus }: Stage, report: Report): Promise<void> {
  await gateway.kill();
  const after = await until(
    alertmanager,
    (firing) => firing.some((one) => isExpected(one, { name: 'GatewayDown', owner: 'billing' })),
    FIRE_MS,
  );
  report.hold(after !== undefined, 'down: GatewayDown fires, and billing is told', alertmanager.firing.map(shown).join('\n'));
  await gateway.start();
  const over = await until(alertmanager, (firing) => firing.length === 0, SLOW_MS);
  report.hold(
    over !== undefined,
    'down: it runs again; after six hours of the rules nothing fires any more',
    alertmanager.firing.map(shown).join('\n'),
  );
  await flat(prometheus, report, 'at the end', faultPanels);
}

async function main(): Promise<void> {
  const report = new Report();
  const stage = await openStage();
  try {
    await quiet(stage, report);
    await driftPhase(stage, report);
    for (const phase of PHASES) await play(stage, report, phase);
    await down(stage, report);
    const { sent, broken } = stage.load;
    report.hold(sent > 10_000, `${sent} requests were sent, ${broken} of them while the gateway was killed`);
  } finally {
    await stage.close();
  }
  if (!report.end()) process.exitCode = 1;
}

const missing = ['prometheus', 'prometheus-alertmanager'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
if (missing.length > 0) {
  console.error(`${missing.join(' and ')} cannot be started: .ci/install-tools.sh brings them`);
  process.exitCode = 2;
} else await main();
