import type { Contract } from '../core/contract.ts';
import { type Path, nearest } from '../core/schema.ts';
import { show } from '../core/schema/show.ts';
import { type Problem, toPointer } from './problem.ts';
import type { RouteSettings, Settings } from './settings.ts';

/** Undefined where it could not be loaded. */
export type ContractOf = (name: string) => Contract | undefined;

/**
 * Operations that the policies of a route name (`contract.operations`, `required` of idempotency and precondition) and its contract does not
 * have, and webhooks: what is said of them would never apply. Asked once the contracts are there.
 */
export function unknownOperations(settings: Settings, contractOf: ContractOf): readonly Problem[] {
  const problems: Problem[] = unknownWebhooks(settings, contractOf);
  for (const [i, route] of settings.routes.entries()) {
    const known = idsOf(route, contractOf);
    if (known === undefined) continue;
    const ids = new Set(known);
    for (const { operation, path } of named(i, settings.routes, contractOf)) {
      if (ids.has(operation)) continue;
      const pointer = toPointer(path);
      const suggestion = nearest(operation, known);
      problems.push({
        severity: 'error',
        code: 'unknown_operation',
        message: `contract ${route.contract} has no operation ${show(operation)}`,
        ...settings.placeOf(pointer),
        pointer,
        ...(suggestion !== undefined && { suggestion }),
        contract: route.contract as string,
      });
    }
  }
  return problems;
}

interface Named {
  readonly operation: string;
  readonly path: Path;
}

function named(i: number, routes: readonly RouteSettings[], contractOf: ContractOf): Named[] {
  const { policies } = routes[i] as RouteSettings;
  const at = ['routes', i, 'policies'];
  const found: Named[] = Object.keys(policies.contract.operations).map((operation) => ({
    operation,
    path: [...at, 'contract', 'operations', operation],
  }));
  for (const policy of ['idempotency', 'precondition'] as const) {
    const config = policies[policy];
    if (config === undefined) continue;
    // What stands at the top level is said of the contracts of all routes that have it from there: one with the operation is enough.
    const [first, ...others] = routes.filter((route) => route.policies[policy] === config && route.contract !== undefined);
    if (first !== routes[i]) continue;
    const elsewhere = others.flatMap((route) => idsOf(route, contractOf) ?? config.required);
    for (const [n, operation] of config.required.entries()) {
      if (!elsewhere.includes(operation))
        found.push({ operation, path: [...(others.length > 0 ? ['policies'] : at), policy, 'required', n] });
    }
  }
  return found;
}

/** Of what a route is held against: the paths of its contract, or its webhooks. */
function idsOf({ contract, webhooks }: RouteSettings, contractOf: ContractOf): readonly string[] | undefined {
  const loaded = contract === undefined ? undefined : contractOf(contract);
  const held = webhooks === undefined ? loaded : loaded?.webhooks?.named(webhooks);
  return held?.operations.map(({ id }) => id);
}

/** Routes on which every request would be undocumented: the contract has no webhooks, or not the one that is named. */
function unknownWebhooks({ routes, placeOf }: Settings, contractOf: ContractOf): Problem[] {
  const problems: Problem[] = [];
  for (const [i, { contract, webhooks }] of routes.entries()) {
    const loaded = contract === undefined || webhooks === undefined ? undefined : contractOf(contract);
    if (contract === undefined || webhooks === undefined || loaded === undefined) continue;
    const names = loaded.webhooks?.names ?? [];
    const about = { severity: 'error', code: 'unknown_webhook', contract } as const;
    if (names.length === 0) {
      const pointer = toPointer(['routes', i, 'webhooks']);
      problems.push({ ...about, message: `contract ${contract} has no webhooks`, ...placeOf(pointer), pointer });
    } else if ('name' in webhooks && !names.includes(webhooks.name)) {
      const pointer = toPointer(['routes', i, 'webhooks']);
      const suggestion = nearest(webhooks.name, names);
      problems.push({
        ...about,
        message: `contract ${contract} has no webhook ${show(webhooks.name)}`,
        ...placeOf(pointer),
        pointer,
        ...(suggestion !== undefined && { suggestion }),
      });
    }
  }
  return problems;
}
