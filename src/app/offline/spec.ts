import { contractSource } from '../../adapters/contract-source.ts';
import { indexFile } from '../../adapters/contract-source/index-file.ts';
import type { Problem } from '../../config/problem.ts';
import { loadContract } from '../../contracts/registry.ts';
import type { Contract } from '../../core/contract.ts';
import { noDocument } from '../no-document.ts';

/** The contract of a document on disk, by the name that it has in the gateway; undefined where it has errors, and then the problems say which. */
export async function loadSpec(
  path: string,
  name: string,
): Promise<{ readonly contract: Contract | undefined; readonly problems: readonly Problem[] }> {
  const index = await indexFile(path);
  const result =
    index.uri === undefined
      ? noDocument(path, index)
      : await loadContract('openapi', {
          name,
          uri: index.uri,
          basePath: 'auto',
          formats: 'assert',
          ...contractSource({ root: path, refs: 'files' }),
        });
  return { contract: result.contract, problems: result.problems.map((problem) => ({ ...problem, contract: name })) };
}
