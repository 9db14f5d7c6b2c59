/** Where boards lead: to each other, with variables and time kept, and to the runbooks. */
import type { BoardJson } from './grafana.ts';
import type { FilterVariable } from './promql.ts';

/** In the order in which they stand above each board: from what is broken to why. */
export const BOARDS = {
  'plumbline-overview': 'Overview',
  'plumbline-contracts-and-drift': 'Contracts and drift',
  'plumbline-consumers': 'Consumers',
  'plumbline-upstreams-and-sla': 'Upstreams and SLA',
  'plumbline-gateway-health': 'Gateway health',
} as const;

export type BoardUid = keyof typeof BOARDS;

type Link = NonNullable<BoardJson['links']>[number];

export function linksFrom(uid: string): Link[] {
  return Object.entries(BOARDS)
    .filter(([other]) => other !== uid)
    .map(([other, title]) => ({
      title,
      url: `/d/${other}`,
      type: 'link',
      icon: 'dashboard',
      tooltip: `${title}, same variables and time`,
      tags: [],
      asDropdown: false,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
    }));
}

/** From a cell that holds the value of `variable` to a board that is narrowed to it, all else kept. */
export function narrowed(uid: BoardUid, variable: FilterVariable, kept: readonly string[]): { title: string; url: string } {
  const rest = kept.filter((name) => name !== variable).map((name) => `\${${name}:queryparam}`);
  const query = [`var-${variable}=\${__value.text:percentencode}`, ...rest, `\${__url_time_range}`].join('&');
  return { title: `${BOARDS[uid]} of this ${variable}`, url: `/d/${uid}?${query}` };
}

/** Where the pages of `docs/runbooks/` are: the value of a hidden variable, set where they are published. */
export const RUNBOOKS = 'docs/runbooks/';

/** The page of an alert. */
export function runbook(alert: string): string {
  return `\${runbooks}${alert}.md`;
}
