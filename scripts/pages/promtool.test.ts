/** The configuration of Prometheus in our pages, with the rules that it names, by `promtool` of Prometheus 2.42 or later. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readTree, root } from '../lint/tree.ts';
import { examplesIn } from './examples.ts';

const isInstalled = spawnSync('promtool', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'plumbline-pages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(config: string): { readonly status: number | null; readonly said: string } {
  for (const file of ['plumbline.recording.yaml', 'plumbline.alerts.yaml'])
    copyFileSync(join(root, 'config/prometheus', file), join(folder, file));
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

describe.skipIf(!isInstalled)('promtool', () => {
  const { examples } = examplesIn(readTree((file) => file === 'docs/kubernetes/plain-prometheus.md'));
  const [{ text: page } = { text: '' }] = examples.filter(({ kind }) => kind === 'prometheus');
  // Debian builds Prometheus without discovery of Kubernetes; the rest of the job is what it is.
  const text = page.replace(/kubernetes_sd_configs:\n +- role: pod\n/, 'static_configs: []\n');

  test('takes the page’s configuration and both rule files', () => {
    const { status, said } = check(text);
    expect(said.match(/SUCCESS: \d+ rules found/g)).toHaveLength(2);
    expect(status).toBe(0);
  });

  test('and refuses one that is wrong', () => {
    expect(text).not.toBe(page);
    expect(check(text.replace('action: keep', 'action: hold')).status).not.toBe(0);
    expect(check(text.replace('plumbline.alerts.yaml', 'gone.yaml')).status).not.toBe(0);
  });
});
