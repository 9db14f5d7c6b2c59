/**
 * The rules of `config/prometheus/`, by Prometheus' own judgement: `promtool check rules` on them and on the same ones with all windows ÷ 60, `promtool
 * test rules` on all tests, and each alert's tests again with each of its numbers moved down and up: one of them must turn red. Exit code 0 where all of
 * this holds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../lint/tree.ts';
import { everyMove } from '../rules/moved.ts';
import { TESTS, hasPromtool, pooled, promtool, testAlert, testNames } from '../rules/promtool.ts';
import { writeRules } from '../rules/render.ts';

const AT_ONCE = 2;

async function checkRules(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-rules-'));
  const shipped = ['recording', 'alerts'].map((kind) => join(root, 'config', 'prometheus', `plumbline.${kind}.yaml`));
  try {
    const { ok, said } = await promtool('check', 'rules', ...shipped, ...writeRules(folder, { windowScale: 60 }));
    const counts = [...said.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, count]) => Number(count));
    const complete = ok && counts.length === 4;
    console.log(
      complete ? `promtool check rules: ${counts.slice(0, 2).join(' + ')} rules, and with windows ÷ 60` : `promtool check rules:\n${said}`,
    );
    return complete ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function testRules(): Promise<number> {
  const names = testNames();
  const verdicts = await pooled(names, AT_ONCE, (name) => promtool('test', 'rules', join(TESTS, `${name}.test.yaml`)));
  const failed = verdicts.flatMap(({ ok, said }, i) => (ok ? [] : [`${names[i]}: ${said}`]));
  console.log(`promtool test rules: ${names.length} files, ${failed.length} failed`);
  for (const text of failed) console.log(text);
  return names.length === 0 ? 1 : failed.length;
}

async function moveThresholds(): Promise<number> {
  const moves = everyMove();
  const verdicts = await pooled(moves, AT_ONCE, ({ alert, thresholds }) => testAlert(alert, { windowScale: 1, thresholds }));
  const unseen = moves.filter((_, i) => verdicts[i]?.ok !== false);
  console.log(`numbers moved: ${moves.length}, seen by a test: ${moves.length - unseen.length}`);
  for (const { what } of unseen) console.log(`no test sees ${what}`);
  return unseen.length;
}

if (hasPromtool()) {
  const problems = (await checkRules()) + (await testRules()) + (await moveThresholds());
  process.exitCode = problems === 0 ? 0 : 1;
} else {
  console.error('promtool is not installed');
  process.exitCode = 1;
}
