import { contractSource } from '../adapters/contract-source.ts';
import { indexFile } from '../adapters/contract-source/index-file.ts';
import type { Problem } from '../config/problem.ts';
import type { ContractSettings } from '../config/settings.ts';
import { loadContract } from '../contracts/registry.ts';
import type { Contract } from '../core/contract.ts';
import { readBaselineFile } from './baselines.ts';
import { noDocument } from './no-document.ts';
import { openMutations } from './open-mutations.ts';

/** A contract that can be used. */
export interface CheckedContract {
  readonly contract: Contract;
  /** Ids of the operations that change something and ask for no credential. */
  readonly openMutations: readonly string[];
}

/**
 * Loads contracts, compiles every schema of them, so that nothing is left to be found while traffic flows, and looks for what is doubtful. Those
 * that can be used are in `contracts`. `findings`: how many are kept (`telemetry.limits.findings`), for baseline files.
 */
export async function checkContracts(
  contracts: readonly ContractSettings[],
  findings = 0,
): Promise<{ readonly problems: readonly Problem[]; readonly contracts: readonly CheckedContract[] }> {
  const problems: Problem[] = [];
  const checked: CheckedContract[] = [];
  for (const { name, protocol, path, basePath, formats, refs, baseline } of contracts) {
    const index = await indexFile(path);
    const source = contractSource({ root: path, refs });
    const result =
      index.uri === undefined
        ? noDocument(path, index)
        : await loadContract(protocol, { name, uri: index.uri, basePath, formats, eager: true, ...source });
    problems.push(...result.problems.map((problem) => ({ ...problem, contract: name })));
    if (baseline !== undefined) problems.push(...(await readBaselineFile({ name, baseline }, findings)).problems);
    if (result.contract !== undefined) checked.push({ contract: result.contract, openMutations: openMutations(result.contract) });
  }
  return { problems, contracts: checked };
}
