import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUrl } from '../../core/fetched-url.ts';

/** What the document of a directory is called. */
const NAMES = ['openapi.yaml', 'openapi.yml', 'openapi.json'];

export interface IndexFile {
  /** What is to be loaded; undefined where the directory does not say. */
  readonly uri: string | undefined;
  /** Why it does not, for people. */
  readonly fault: string;
  /** Paths on which it depends, whether they are there or not, but for `uri` itself. */
  readonly asked: readonly string[];
}

/** The one document that a path means: itself, or of a directory the file in it that is called so. */
export async function indexFile(path: string): Promise<IndexFile> {
  if (isUrl(path) || !(await is(path, 'directory'))) return { uri: path, fault: '', asked: [] };
  const candidates = NAMES.map((name) => join(path, name));
  const there: string[] = [];
  for (const candidate of candidates) if (await is(candidate, 'file')) there.push(candidate);
  const asked = [path, ...candidates];
  const [uri] = there;
  if (uri === undefined) return { uri, fault: `is a directory without ${NAMES.join(', ')}`, asked };
  if (there.length > 1) return { uri: undefined, fault: `is a directory with several documents: ${there.join(', ')}`, asked };
  return { uri, fault: '', asked };
}

async function is(path: string, what: 'directory' | 'file'): Promise<boolean> {
  try {
    const found = await stat(path);
    return what === 'directory' ? found.isDirectory() : found.isFile();
  } catch {
    return false;
  }
}
