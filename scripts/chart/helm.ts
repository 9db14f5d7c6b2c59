import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../lint/tree.ts';
import type { Manifest } from './checks/manifest.ts';
import { documents } from './checks/documents.ts';

export const CHART = join(root, 'helm', 'plumbline');

/** Helm's own folders stay out of the machine's: no repository, plugin or cache of anybody's has a say. */
export class Helm {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'plumbline-helm-'));

  /** Exit code and all that was said, on both streams. */
  run(...args: string[]): { readonly code: number; readonly stdout: string; readonly said: string } {
    const homes = Object.fromEntries(
      ['CACHE', 'CONFIG', 'DATA'].map((name) => [`HELM_${name}_HOME`, join(this.folder, name.toLowerCase())]),
    );
    const { status, stdout, stderr, error } = spawnSync('helm', args, {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      env: { ...process.env, ...homes },
    });
    if (error !== undefined) return { code: 127, stdout: '', said: error.message };
    return { code: status ?? 1, stdout, said: `${stdout}${stderr}` };
  }

  template(asked: Asked): Rendered {
    const file = join(this.folder, 'values.yaml');
    // JSON is YAML for everyone; what YAML 1.2 leaves without quotes (off, yes) is something else for Helm, which reads 1.1.
    writeFileSync(file, JSON.stringify(asked.values));
    const { chart = CHART, release = 'demo', namespace = 'shop', kube = '1.33.0', apis = [] } = asked;
    const more = apis.flatMap((api) => ['--api-versions', api]);
    const { code, stdout, said } = this.run(
      'template',
      release,
      chart,
      '--namespace',
      namespace,
      '--kube-version',
      kube,
      '--values',
      file,
      ...more,
    );
    if (code !== 0) return { ok: false, text: '', manifests: [], said };
    const { manifests, faults } = documents(stdout);
    return { ok: faults.length === 0, text: stdout, manifests, said: faults.join('\n') };
  }

  available(): string | undefined {
    const { code, stdout } = this.run('version', '--template', '{{.Version}}');
    return code === 0 ? stdout.trim() : undefined;
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Asked {
  readonly values: Readonly<Record<string, unknown>>;
  readonly chart?: string;
  readonly release?: string;
  readonly namespace?: string;
  /** Version of Kubernetes that is rendered for. */
  readonly kube?: string;
  /** What the cluster has besides: `monitoring.coreos.com/v1`. */
  readonly apis?: readonly string[];
}

export interface Rendered {
  readonly ok: boolean;
  readonly text: string;
  readonly manifests: readonly Manifest[];
  readonly said: string;
}
