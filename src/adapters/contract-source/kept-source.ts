import type { ContractDocuments } from '../../core/contract-documents.ts';
import type { LoadOptions } from '../../core/contract-loading.ts';
import { bytesOf } from './kept-bytes.ts';
import { resolveReference } from './references.ts';

/** What a contract was made of, as the loader asks for it: no file is read, nothing is fetched. */
export function keptSource(documents: ContractDocuments): Pick<LoadOptions, 'read' | 'resolve'> {
  return {
    async read(uri) {
      const kept = documents.files.get(uri);
      if (kept === undefined) throw new Error(`cannot read ${uri}: it could not be read before`);
      return bytesOf(kept);
    },
    resolve: (base, ref) => resolveReference(base, ref, documents),
  };
}
