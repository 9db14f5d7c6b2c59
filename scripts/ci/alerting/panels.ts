import { setTimeout as sleep } from 'node:timers/promises';
import { boards, expressionsFor } from '../../dashboards/boards.ts';
import type { BoardPanel, Fault } from '../../dashboards/model.ts';
import type { Prometheus, Sample } from './prometheus.ts';

/** What stands on a panel, and why that is wrong. */
export interface WrongPanel {
  readonly board: string;
  readonly panel: string;
  readonly why: string;
}

/** What of a panel is looked at: what it shows under load, or with its fault on; or that it is flat while that is off. */
export type Look = 'load' | 'quiet';

const ALL = boards.flatMap(({ uid, panels }) => panels.map((panel) => ({ uid, panel })));

/** Panels without a fault, under a steady load; panels of `fault`, while that is on. */
export const panelsOf = (fault: Fault | undefined): readonly Entry[] => ALL.filter(({ panel }) => panel.expect.fault === fault);

/** Panels that have to be flat while their fault is off. */
export const faultPanels: readonly Entry[] = ALL.filter(({ panel }) => panel.expect.fault !== undefined);

export interface Entry {
  readonly uid: string;
  readonly panel: BoardPanel;
}

/**
 * Looks until every panel is as it should be, or `ms` have passed: rates take some scrapes to come and to go. Gives what is still wrong, whose entries these are, and how many expressions were
 * evaluated at the last look. @throws where Prometheus does not take an expression.
 */
export async function wrongPanels(
  prometheus: Prometheus,
  entries: readonly Entry[],
  look: Look,
  ms: number,
): Promise<{ readonly wrong: readonly WrongPanel[]; readonly entries: readonly Entry[]; readonly expressions: number }> {
  for (const until = performance.now() + ms; ; await sleep(1000)) {
    let expressions = 0;
    const wrong: WrongPanel[] = [];
    const still = new Set<Entry>();
    for (const entry of entries) {
      const { uid, panel } = entry;
      for (const { legend, expr } of expressionsFor(panel, { interval: '1s' })) {
        expressions += 1;
        const why = wrongOf(panel, look, await prometheus.query(expr));
        if (why === undefined) continue;
        wrong.push({ board: uid, panel: `${panel.id} ${panel.title} (${legend})`, why });
        still.add(entry);
      }
    }
    if (wrong.length === 0 || performance.now() > until) return { wrong, entries: [...still], expressions };
  }
}

function wrongOf({ expect }: BoardPanel, look: Look, samples: readonly Sample[]): string | undefined {
  const range = look === 'load' ? expect.load : expect.quiet;
  if (range === undefined) return 'nothing says what it shows while its fault is off';
  if (look === 'load' && samples.length === 0) return 'no value';
  const [min, max] = range;
  // What is no number is in no range.
  const out = samples.filter(({ value }) => !(value >= min && value <= max));
  if (out.length === 0) return undefined;
  const shown = out.slice(0, 3).map(({ labels, value }) => `${value} ${JSON.stringify(labels)}`);
  return `not within ${min} to ${max}: ${shown.join(', ')}${out.length > 3 ? ` and ${out.length - 3} more` : ''}`;
}
