import { keptSource } from '../adapters/contract-source/kept-source.ts';
import { type Protocol, loadContract } from '../contracts/registry.ts';
import type { Contract } from '../core/contract.ts';
import type { ContractDocuments } from '../core/contract-documents.ts';

/** Nothing waits for the thread that judges but its queue, which has limits of its own: over a second for one body. */
export const WORKER_PATIENCE = 50;

/** The very contract that was made of these documents, once more. */
export async function contractAgain(documents: ContractDocuments): Promise<Contract | undefined> {
  const { contract } = await loadContract(documents.protocol as Protocol, {
    ...documents.options,
    ...keptSource(documents),
    patience: WORKER_PATIENCE,
  });
  return contract;
}
