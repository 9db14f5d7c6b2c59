import type { IndexFile } from '../adapters/contract-source/index-file.ts';
import type { LoadResult } from '../core/contract-loading.ts';

/** What loading a directory comes to that does not say which document is meant. */
export function noDocument(path: string, { fault, asked }: IndexFile): LoadResult {
  const message = `${path} ${fault}`;
  const problem = { severity: 'error', code: 'file_unreadable', message, file: path, line: 0, column: 0, pointer: '' } as const;
  return { contract: undefined, problems: [problem], files: asked };
}
