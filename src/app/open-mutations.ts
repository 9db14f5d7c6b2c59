import type { Contract } from '../core/contract.ts';
import { isSafe } from '../core/rejection.ts';

/** Ids of the operations that change something (RFC 9110 §9.2.1) and ask for no credential. */
export function openMutations(contract: Contract): readonly string[] {
  return contract.operations.filter(({ challenge, method }) => challenge === undefined && !isSafe(method)).map(({ id }) => id);
}
