import type { Row, Summary } from './summary.ts';

const HEAD = ['', 'requests', 'per s', 'failed', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'];

/** A run as a table for people, with what was counted and each threshold that does not hold. Ends with a line feed. */
export function summaryText(summary: Summary): string {
  const { script, seconds, requests, rows, dropped, checks, thresholds, counts } = summary;
  const failed = thresholds.filter(({ ok }) => !ok);
  const lines = [
    '',
    `${script}: ${requests} requests in ${seconds.toFixed(1)} s, ${dropped} iterations dropped, ${checks.passed} checks passed, ${checks.failed} failed`,
    ...aligned([HEAD, ...rows.map(cells)]).map((line) => `  ${line}`),
    ...counted(counts).map((line) => `  ${line}`),
    ...checks.failing.map((name) => `  FAILED check: ${name}`),
    ...failed.map(({ metric, says }) => `  FAILED threshold: ${metric}: ${says}`),
    `${script}: ${thresholds.length - failed.length} of ${thresholds.length} thresholds hold`,
    '',
  ];
  return lines.join('\n');
}

const KIND = /^(expected|unaccounted)\{kind:(.*)\}$/;

/** The script's own counts; what was expected and what is left over of the same kind in one line (`account.ts`). */
function counted(counts: Summary['counts']): string[] {
  const kinds = new Set(Object.keys(counts).flatMap((name) => KIND.exec(name)?.[2] ?? []));
  const others = Object.entries(counts).filter(([name]) => !KIND.test(name) && name !== 'expected' && name !== 'unaccounted');
  return [
    ...others.map(([name, count]) => `${name}: ${Math.round(count * 100) / 100}`),
    ...[...kinds].map((kind) => {
      const of = (what: string): number => counts[`${what}{kind:${kind}}`] ?? 0;
      return `counted ${kind}: ${of('expected') - of('unaccounted')} of ${of('expected')}`;
    }),
  ];
}

function cells(row: Row): string[] {
  const { title, requests, perSecond, failed, p50Ms, p95Ms, p99Ms, maxMs } = row;
  const ms = [p50Ms, p95Ms, p99Ms, maxMs].map((value) => value.toFixed(2));
  return [title, String(requests), perSecond.toFixed(1), `${(failed * 100).toFixed(2)} %`, ...ms];
}

/** The first column to the left, all others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => widths.map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width))).join('  '));
}
