import { contractSource } from '../adapters/contract-source.ts';
import type { Problem } from '../config/problem.ts';
import type { ContractSettings } from '../config/settings.ts';
import { loadContract } from '../contracts/registry.ts';
import { openMutations } from './open-mutations.ts';

/** A contract that can be used, for `check`. */
export interface CheckedContract {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** Their ids. */
  readonly operations: readonly string[];
  /** Of those, the ones that change something and ask for no credential. */
  readonly openMutations: readonly string[];
}

/** Loads contracts and compiles every schema of them, so that nothing is left to be found while traffic flows. */
export async function checkContracts(
  contracts: readonly ContractSettings[],
): Promise<{ readonly problems: readonly Problem[]; readonly contracts: readonly CheckedContract[] }> {
  const problems: Problem[] = [];
  const checked: CheckedContract[] = [];
  for (const { name, protocol, path, basePath, formats } of contracts) {
    const result = await loadContract(protocol, { name, uri: path, basePath, formats, eager: true, ...contractSource() });
    problems.push(...result.problems.map((problem) => ({ ...problem, contract: name })));
    if (result.contract === undefined) continue;
    const { version, digest, operations } = result.contract;
    const openOnes = openMutations(result.contract);
    checked.push({ name, version, digest, operations: operations.map(({ id }) => id), openMutations: openOnes });
  }
  return { problems, contracts: checked };
}
