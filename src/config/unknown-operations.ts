import { type Path, nearest } from '../core/schema.ts';
import { show } from '../core/schema/show.ts';
import { type Problem, toPointer } from './problem.ts';
import type { RouteSettings, Settings } from './settings.ts';

type OperationsOf = (contract: string) => readonly string[] | undefined;

/**
 * Operations that the policies of a route name (`contract.operations`, `required` of idempotency and precondition) and its contract does not
 * have: what is said of them would never apply. `operationsOf` gives the ids of a contract; undefined where it could not be loaded. Asked
 * once the contracts are there.
 */
export function unknownOperations(settings: Settings, operationsOf: OperationsOf): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [i, route] of settings.routes.entries()) {
    const known = route.contract === undefined ? undefined : operationsOf(route.contract);
    if (known === undefined) continue;
    const ids = new Set(known);
    for (const { operation, path } of named(i, settings.routes, operationsOf)) {
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

function named(i: number, routes: readonly RouteSettings[], operationsOf: OperationsOf): Named[] {
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
    const elsewhere = others.flatMap(({ contract }) => operationsOf(contract as string) ?? config.required);
    for (const [n, operation] of config.required.entries()) {
      if (!elsewhere.includes(operation))
        found.push({ operation, path: [...(others.length > 0 ? ['policies'] : at), policy, 'required', n] });
    }
  }
  return found;
}
