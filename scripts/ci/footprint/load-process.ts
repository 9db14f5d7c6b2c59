import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Load } from '../../../bench/wrk-output.ts';
import { root } from '../../lint/tree.ts';

const run = promisify(execFile);

/** A steady rate of GETs that are answered with 1 KB, by a process of its own: what it takes must not be in the way of who measures. */
export async function steadily(origin: string, perSecond: number, seconds: number): Promise<Load> {
  const args = [join(root, 'bench/open-loop.ts'), origin, 'get1k', String(perSecond), String(seconds)];
  const { stdout } = await run(process.execPath, args, { encoding: 'utf8' });
  return JSON.parse(stdout) as Load;
}
