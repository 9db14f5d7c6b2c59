/** `promtool` of Prometheus 2.42 or later, on rules that are rendered here. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../lint/tree.ts';
import { ruleGroups } from './groups.ts';
import type { RuleOptions } from './rule.ts';
import { rulesFor } from './subset.ts';
import { rulesYaml } from './yaml.ts';

export const TESTS = join(root, 'config', 'prometheus', 'tests');

export interface Verdict {
  readonly ok: boolean;
  readonly said: string;
}

export function hasPromtool(): boolean {
  return spawnSync('promtool', ['--version']).status === 0;
}

/** A rule file that a pattern does not find is a warning to promtool, and every silent test then passes: here it is a failure. */
export async function promtool(...args: readonly string[]): Promise<Verdict> {
  const child = spawn('promtool', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { ok: code === 0 && !said.includes('WARNING'), said };
}

/** Names of the test files, without `.test.yaml`: those of the alerts, and `owners`. */
export function testNames(): string[] {
  return readdirSync(TESTS)
    .filter((file) => file.endsWith('.test.yaml'))
    .map((file) => file.slice(0, -'.test.yaml'.length));
}

/** Runs the tests of one alert against it, rendered with these options, and against what it reads: a tenth of the time that all rules take. */
export async function testAlert(alert: string, options: RuleOptions): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yaml'), rulesYaml(rulesFor(ruleGroups(options), alert)));
    const text = readFileSync(join(TESTS, `${alert}.test.yaml`), 'utf8');
    writeFileSync(join(folder, 'test.yaml'), text.replace(/^rule_files: .*$/m, 'rule_files: [rules.yaml]'));
    return await promtool('test', 'rules', join(folder, 'test.yaml'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Maps with so many at a time; results in the order of the items. */
export async function pooled<T, R>(items: readonly T[], atOnce: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of rest) results[i] = await map(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
