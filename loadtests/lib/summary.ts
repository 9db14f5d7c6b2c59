/** What a run came to, from what k6 hands to `handleSummary`. Pure. */

/** k6's own data, as far as it is read here (k6 1.8, the form without `--new-machine-readable-summary`). */
export interface K6Data {
  readonly metrics: Readonly<Record<string, K6Metric>>;
  readonly state: { readonly testRunDurationMs: number };
  readonly root_group: K6Group;
}

interface K6Metric {
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

interface K6Group {
  readonly checks: readonly { readonly name: string; readonly passes: number; readonly fails: number }[];
  readonly groups: readonly K6Group[];
}

/** A row of the table: all that carries a tag. */
export interface RowPlan {
  readonly title: string;
  readonly tag: string;
  /** How long it was sent for. */
  readonly seconds: number;
}

export interface Row {
  readonly title: string;
  readonly requests: number;
  readonly perSecond: number;
  /** Of 1. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface Summary {
  readonly script: string;
  readonly seconds: number;
  /** All requests, those to the admin listener too. */
  readonly requests: number;
  readonly rows: readonly Row[];
  readonly dropped: number;
  readonly checks: { readonly passed: number; readonly failed: number; readonly failing: readonly string[] };
  readonly thresholds: readonly { readonly metric: string; readonly says: string; readonly ok: boolean }[];
  /** The script's own counters, gauges and rates (of 1), by name, and by name and tag where a threshold asks for them. */
  readonly counts: Readonly<Record<string, number>>;
}

const OWN = /^(?:http_|dropped_|checks|iteration|data_|vus|group_)/;

export function summarise(script: string, data: K6Data, rows: readonly RowPlan[]): Summary {
  const value = (metric: string, stat: string): number => data.metrics[metric]?.values[stat] ?? 0;
  const checks = allChecks(data.root_group);
  return {
    script,
    seconds: data.state.testRunDurationMs / 1000,
    requests: value('http_reqs', 'count'),
    rows: rows.map(({ title, tag, seconds }) => {
      const requests = value(`http_reqs{${tag}}`, 'count');
      const took = (stat: string): number => value(`http_req_duration{${tag}}`, stat);
      return {
        title,
        requests,
        perSecond: requests / seconds,
        failed: value(`http_req_failed{${tag}}`, 'rate'),
        p50Ms: took('med'),
        p95Ms: took('p(95)'),
        p99Ms: took('p(99)'),
        maxMs: took('max'),
      };
    }),
    dropped: value('dropped_iterations', 'count'),
    checks: {
      passed: checks.reduce((sum, check) => sum + check.passes, 0),
      failed: checks.reduce((sum, check) => sum + check.fails, 0),
      failing: checks.filter((check) => check.fails > 0).map((check) => check.name),
    },
    thresholds: Object.entries(data.metrics).flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([says, { ok }]) => ({ metric, says, ok })),
    ),
    counts: Object.fromEntries(
      Object.entries(data.metrics)
        .map(([name, { values }]): [string, number | undefined] => [
          name,
          OWN.test(name) ? undefined : (values.count ?? values.value ?? values.rate),
        ])
        .filter((entry): entry is [string, number] => entry[1] !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function allChecks(group: K6Group): K6Group['checks'] {
  return [...group.checks, ...group.groups.flatMap(allChecks)];
}
