import { spawnSync } from 'node:child_process';
import type { Problem } from './problem.ts';

/** Shell reads a script as it goes: what does not parse at its end is seen after half an hour of work. `bash -n` sees it at once. */
export function checkShell(file: string, text: string): Problem[] {
  if (!/^#!.*\bbash\b/.test(text) && !file.endsWith('.sh')) return [];
  const { status, stderr, error } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
  if (error !== undefined || status === 0) return [];
  const line = Number(/line (\d+)/.exec(stderr)?.[1] ?? 1);
  return [{ file, line, rule: 'shell', message: stderr.replace(/^.*?line \d+: /, '').split('\n', 1)[0] as string }];
}
