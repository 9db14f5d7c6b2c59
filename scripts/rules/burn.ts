/** Multiwindow, multi-burn-rate conditions: SRE workbook, chapter 5, "6: Multiwindow, Multi-Burn-Rate Alerts". */

export interface Burn {
  /** Recorded increases, without their windows: `plumbline:sla_availability`; those that broke the promise are `…_bad` or `…_invalid`. */
  readonly all: string;
  readonly bad: string;
  /** Label matchers with braces, or nothing. */
  readonly where: string;
  /** Share that may be bad: a number, or a recorded series with the same labels. */
  readonly budget: string;
  /** Bad ones in the long window: fewer are no rate, however few requests there are. */
  readonly atLeast: number;
}

export interface Pair {
  readonly long: string;
  readonly short: string;
  readonly rate: number;
}

/** Where the budget burns at `rate` over the long window, and still does over the short one. The value is the share of bad ones in the long one. */
export function burns({ all, bad, where, budget, atLeast }: Burn, pairs: readonly Pair[]): string {
  const share = (window: string) => `${bad}:increase${window}${where} / ${all}:increase${window}${where}`;
  const one = ({ long, short, rate }: Pair) => `${share(long)} > ${rate} * ${budget}
and ${share(short)} > ${rate} * ${budget}
and ${bad}:increase${long}${where} >= ${atLeast}`;
  return pairs.map(one).join('\nor\n');
}
