import { contractSource } from '../../adapters/contract-source.ts';
import { indexFile } from '../../adapters/contract-source/index-file.ts';
import type { Problem } from '../../config/problem.ts';
import type { ContractSettings } from '../../config/settings.ts';
import { loadContract } from '../../contracts/registry.ts';
import type { Contract } from '../../core/contract.ts';
import { WORKER_PATIENCE } from '../contract-again.ts';
import { noDocument } from '../no-document.ts';

/** What of a contract's settings says what it is. */
export type SpecSettings = Pick<ContractSettings, 'name' | 'protocol' | 'path' | 'refs' | 'basePath' | 'formats'>;

/** A contract by itself, as a configuration that says no more than its path would take it. `path`: absolute, or a URL. */
export function specSettings(name: string, path: string): SpecSettings {
  return { name, protocol: 'openapi', path, refs: 'files', basePath: 'auto', formats: 'assert' };
}

/** The contract of a document, by the name that it has in the gateway; undefined where it has errors, and then the problems say which. */
export async function loadSpec({
  name,
  protocol,
  path,
  refs,
  basePath,
  formats,
}: SpecSettings): Promise<{ readonly contract: Contract | undefined; readonly problems: readonly Problem[] }> {
  const index = await indexFile(path);
  const source = contractSource({ root: path, refs });
  const result =
    index.uri === undefined
      ? noDocument(path, index)
      : await loadContract(protocol, { name, uri: index.uri, basePath, formats, patience: WORKER_PATIENCE, ...source });
  return { contract: result.contract, problems: result.problems.map((problem) => ({ ...problem, contract: name })) };
}
