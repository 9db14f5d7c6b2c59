import type { Contract, Operation } from '../../core/contract.ts';
import { type Problem, toPointer } from '../problem.ts';
import type { RouteSettings, Settings } from '../settings.ts';
import type { ContractOf } from '../unknown-operations.ts';

const SHOWN = 5;

/** Operations to which no route of their contract leads: most often `basePath`, `match.path` and `stripPrefix` do not go together. */
export function outOfReach(settings: Settings, contractOf: ContractOf): Problem[] {
  const problems: Problem[] = [];
  for (const name of Object.keys(settings.contracts)) {
    const contract = contractOf(name);
    const routes = [...settings.routes.entries()].filter(([, route]) => route.contract === name && route.webhooks === undefined);
    const [first] = routes;
    if (contract?.pathsOf === undefined || first === undefined) continue;
    const beginnings = [...new Set(routes.map(([, route]) => beginningOf(route)))];
    const lost = contract.operations.filter(
      (operation) => !pathsOf(contract, operation).some((path) => beginnings.some((b) => leadsTo(b, path))),
    );
    const [one] = lost;
    if (one === undefined) continue;
    const pointer = toPointer(['routes', first[0], 'contract']);
    problems.push({
      severity: 'warning',
      code: 'unreachable_operation',
      message: `no route leads to ${named(
        lost.map(({ id }) => id),
        contract.operations.length,
      )}: the upstream gets paths below ${beginnings.join(', ')}, and ${one.id} is at ${pathsOf(contract, one)[0] ?? one.template}`,
      ...settings.placeOf(pointer),
      pointer,
      contract: name,
    });
  }
  return problems;
}

/** Routes of a contract that has webhooks and nothing else, and that do not say that their requests are such. */
export function unnamedWebhooks({ routes, placeOf }: Settings, contractOf: ContractOf): Problem[] {
  return [...routes.entries()].flatMap(([i, { contract: name, webhooks }]) => {
    const contract = name === undefined || webhooks !== undefined ? undefined : contractOf(name);
    if (name === undefined || contract === undefined || contract.operations.length > 0 || !contract.webhooks?.names.length) return [];
    const pointer = toPointer(['routes', i, 'contract']);
    const message = `${name} has webhooks and no paths: without \`webhooks\`, which says how a request names its own, every request is undocumented`;
    return [{ severity: 'warning', code: 'webhooks_not_named', message, ...placeOf(pointer), pointer, contract: name }];
  });
}

function pathsOf(contract: Contract, operation: Operation): readonly string[] {
  return contract.pathsOf?.(operation) ?? [];
}

function named(ids: readonly string[], all: number): string {
  if (ids.length === all && all > 1) return `any of its ${all} operations`;
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : '';
  return `${ids.slice(0, SHOWN).join(', ')}${more}`;
}

/** What every path begins with that the upstream, and so the contract, gets of a route. */
function beginningOf({ match, upstream }: RouteSettings): string {
  const strip = upstream.stripPrefix;
  if (strip === undefined || strip === '/') return match.path;
  if (match.path === strip) return '/';
  if (match.path.startsWith(`${strip}/`)) return match.path.slice(strip.length);
  // Some paths of the route are stripped and others are not.
  return strip.startsWith(match.path === '/' ? '/' : `${match.path}/`) ? '/' : match.path;
}

/** Whether some path that begins so, in whole segments, fits the template. */
function leadsTo(beginning: string, template: string): boolean {
  const wanted = beginning.split('/').filter((segment) => segment !== '');
  const segments = template.split('/').slice(1);
  return wanted.every((text, i) => {
    const segment = segments[i];
    return segment !== undefined && (segment.includes('{') || decoded(segment) === decoded(text));
  });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
