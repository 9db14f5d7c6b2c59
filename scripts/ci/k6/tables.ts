/** What the runner prints, and what it writes into docs/performance.md. Pure. */
import type { Row, Summary } from '../../../loadtests/lib/summary.ts';
import { waysOf } from './judge.ts';

export interface Result {
  readonly title: string;
  readonly seconds: number;
  readonly summary: Summary | undefined;
  readonly faults: readonly string[];
}

const HEAD = ['', 'load test', 'requests', 'dropped', 'checks', 'p50 ms', 'p95 ms', 'p99 ms', 'seconds'];

/** A line a row, for the log. */
export function overview(results: readonly Result[]): string {
  const rows = results.flatMap(({ title, seconds, summary, faults }) => {
    const verdict = faults.length === 0 ? 'ok' : 'FAILED';
    if (summary === undefined) return [[verdict, title, '-', '-', '-', '-', '-', '-', seconds.toFixed(1)]];
    return summary.rows.map((row, i) => [
      i === 0 ? verdict : '',
      summary.rows.length === 1 ? title : `${title}: ${row.title}`,
      String(row.requests),
      i === 0 ? String(summary.dropped) : '',
      i === 0 ? `${summary.checks.passed}/${summary.checks.passed + summary.checks.failed}` : '',
      ...figures(row),
      i === 0 ? seconds.toFixed(1) : '',
    ]);
  });
  return lines([HEAD, ...rows], 2)
    .map((cells) => cells.join('  '))
    .join('\n');
}

const figures = ({ p50Ms, p95Ms, p99Ms }: Row): string[] => [p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(2));

/** Both ways and what the one takes longer, as Markdown; undefined where not both were measured. */
export function overheadTable(summary: Summary | undefined): string | undefined {
  const { direct, proxied } = waysOf(summary);
  if (direct === undefined || proxied === undefined) return undefined;
  const added = [proxied.p50Ms - direct.p50Ms, proxied.p95Ms - direct.p95Ms, proxied.p99Ms - direct.p99Ms];
  const rows = [
    ['', 'requests', 'requests/s', 'p50 ms', 'p95 ms', 'p99 ms'],
    ...[direct, proxied].map((row) => [row.title, String(row.requests), row.perSecond.toFixed(0), ...figures(row)]),
    ['added', '', '', ...added.map((ms) => `${ms < 0 ? '' : '+'}${ms.toFixed(2)}`)],
  ];
  const [head = [], ...rest] = lines(rows, 1);
  const rule = head.map((cell, i) => (i === 0 ? '-'.repeat(cell.length) : `${'-'.repeat(cell.length - 1)}:`));
  return [head, rule, ...rest].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The first `left` columns to the left, all others to the right. */
function lines(rows: readonly (readonly string[])[], left: number): string[][] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => widths.map((width, i) => (i < left ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width))));
}

export const BEGIN = '<!-- k6:begin -->';
export const END = '<!-- k6:end -->';

/** `page` with `text` between its two marks. @throws where they are missing. */
export function putBetweenMarks(page: string, text: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`;
}
