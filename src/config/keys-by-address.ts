import { type Problem, toPointer } from './problem.ts';
import type { Settings } from './settings.ts';

const SHOWN = 5;

/**
 * Routes on which the idempotency keys of callers are told apart by nothing but their address (semantics ID-1): what may be many callers
 * behind one address, or one that comes from another address next time. `openOf` gives the operations of a contract that change something
 * and ask for no credential; undefined where it could not be loaded. Asked once the contracts are there.
 */
export function keysByAddress(settings: Settings, openOf: (contract: string) => readonly string[] | undefined): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [i, { contract, policies }] of settings.routes.entries()) {
    if (policies.idempotency?.scope !== 'principal') continue;
    const open = contract === undefined ? undefined : (openOf(contract) ?? []);
    if (open?.length === 0) continue;
    const pointer = toPointer(['routes', i, 'policies', 'idempotency']);
    problems.push({
      severity: 'warning',
      code: 'keys_by_address',
      message: `${who(open)} known by the address alone; \`scope: header:NAME\` or \`scope: shared\` says whose keys they are`,
      ...settings.placeOf(pointer),
      pointer,
      ...(contract !== undefined && { contract }),
    });
  }
  return problems;
}

function who(open: readonly string[] | undefined): string {
  if (open === undefined) return 'callers that send no credential are';
  const more = open.length > SHOWN ? `, and ${open.length - SHOWN} more` : '';
  return `callers of ${open.slice(0, SHOWN).join(', ')}${more} need no credential, and without one are`;
}
