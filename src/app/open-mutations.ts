import type { Contract } from '../core/contract.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Ids of the operations that change something (RFC 9110 §9.2.1) and ask for no credential. */
export function openMutations(contract: Contract): readonly string[] {
  return contract.operations.filter(({ challenge, method }) => challenge === undefined && !SAFE.has(method)).map(({ id }) => id);
}
