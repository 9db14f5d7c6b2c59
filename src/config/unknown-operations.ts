import { nearest } from '../core/schema.ts';
import { show } from '../core/schema/show.ts';
import { type Problem, toPointer } from './problem.ts';
import type { Settings } from './settings.ts';

/**
 * Operations that `policies.contract.operations` of a route names and its contract does not have: their modes would never apply.
 * `operationsOf` gives the ids of a contract; undefined where it could not be loaded. Asked once the contracts are there.
 */
export function unknownOperations(
  settings: Settings,
  operationsOf: (contract: string) => readonly string[] | undefined,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [i, route] of settings.routes.entries()) {
    const known = route.contract === undefined ? undefined : operationsOf(route.contract);
    if (known === undefined) continue;
    const ids = new Set(known);
    for (const operation of Object.keys(route.policies.contract.operations)) {
      if (ids.has(operation)) continue;
      const pointer = toPointer(['routes', i, 'policies', 'contract', 'operations', operation]);
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
