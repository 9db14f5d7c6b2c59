import type { Machine } from './machine.ts';
import { CASES, type CaseName, ROWS, type RowName } from './plan.ts';
import type { Load } from './wrk-output.ts';

/** One visit to one row with one case. */
export interface Measurement {
  readonly row: RowName;
  readonly case: CaseName;
  readonly round: number;
  readonly load: Load;
  readonly cpuUsPerRequest: number;
  /** At a steady rate, `STEADY_PER_SECOND`. */
  readonly steady: Load;
  /** Why it does not count. */
  readonly faults: readonly string[];
}

export interface Outcome {
  readonly machine: Machine;
  readonly rounds: number;
  readonly seconds: number;
  readonly cases: readonly CaseName[];
  readonly rows: readonly RowName[];
  /** By row, why it could not be had. */
  readonly skipped: Readonly<Partial<Record<RowName, string>>>;
  /** By row, where the title does not say it. */
  readonly versions: Readonly<Partial<Record<RowName, string>>>;
  readonly measurements: readonly Measurement[];
  /** The upstream asked at the steady rate with nothing in front of it, once a round and case. */
  readonly direct: readonly Direct[];
}

export interface Direct {
  readonly case: CaseName;
  readonly round: number;
  readonly steady: Load;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The medians as Markdown, a table a case. A row with a single void measurement is void. */
export function markdown(outcome: Outcome): string {
  const { machine, rounds, seconds } = outcome;
  const head =
    `${machine.at.slice(0, 10)}, Node ${machine.node.slice(1)}, ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, load from ${machine.load}; ` +
    `medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s.`;
  return [head, ...outcome.cases.map((name) => caseTable(outcome, name))].join('\n\n');
}

/** Rows of all cases that are void, with the reasons. */
export function voids(outcome: Outcome): string[] {
  return outcome.measurements
    .filter((m) => m.faults.length > 0)
    .map((m) => `${m.row}, ${CASES[m.case].title}, round ${m.round}: ${m.faults.join('; ')}`);
}

const HEAD = ['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/request', '× floor', 'p50 added ms', 'p99 added ms'];

function caseTable(outcome: Outcome, name: CaseName): string {
  const floor = cpu(outcome, 'floor', name);
  const rows = outcome.rows.map((row) => {
    const version = outcome.versions[row];
    return [ROWS[row].title + (version ? ` ${version}` : ''), ...cells(outcome, row, name, floor)];
  });
  return `### ${CASES[name].title}\n\n${aligned([HEAD, ...rows])}`;
}

/** As the formatter wants Markdown: the first column to the left, all others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => widths.map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width))));
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [lines[0] as string[], rule, ...lines.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** All but the title. */
function cells(outcome: Outcome, row: RowName, name: CaseName, floor: number): string[] {
  const skipped = outcome.skipped[row];
  if (skipped !== undefined) return [`skipped: ${skipped.replaceAll('|', '/').replaceAll('\n', ' ')}`];
  const of = outcome.measurements.filter((m) => m.row === row && m.case === name);
  const bad = of.find((m) => m.faults.length > 0);
  if (bad !== undefined) return [`VOID: ${bad.faults[0]}`];
  if (of.length === 0) return ['not measured'];
  const mid = (pick: (m: Measurement) => number): number => median(of.map(pick));
  const spent = mid((m) => m.cpuUsPerRequest);
  const ratio = Number.isNaN(floor) ? '' : (spent / floor).toFixed(2);
  const rate = String(Math.round(mid((m) => m.load.perSecond))).replace(/\B(?=(?:\d{3})+$)/g, ',');
  const ms = (n: number): string => n.toFixed(n < 10 ? 2 : 1);
  const direct = outcome.direct.filter((d) => d.case === name).map((d) => d.steady);
  // Unanswered or late beyond all patience: the row can't take this rate.
  const kept = of.every((m) => m.steady.socketErrors === 0 && m.steady.badAnswers === 0);
  const added = (pick: (load: Load) => number): string =>
    kept ? (mid((m) => pick(m.steady)) - median(direct.map(pick))).toFixed(2) : 'too slow';
  return [
    rate,
    ms(mid((m) => m.load.p50Ms)),
    ms(mid((m) => m.load.p99Ms)),
    spent.toFixed(1),
    ratio,
    added((load) => load.p50Ms),
    added((load) => load.p99Ms),
  ];
}

function cpu(outcome: Outcome, row: RowName, name: CaseName): number {
  return median(
    outcome.measurements.filter((m) => m.row === row && m.case === name && m.faults.length === 0).map((m) => m.cpuUsPerRequest),
  );
}

export const BEGIN = '<!-- bench:begin -->';
export const END = '<!-- bench:end -->';

/** `page` with `table` between its two marks. @throws where they are missing. */
export function putBetweenMarks(page: string, table: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table}\n\n${page.slice(to)}`;
}
