import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../lint/tree.ts';
import { type Manifest, titleOf } from './manifest.ts';
import { moduleOf } from './models.ts';

/**
 * Fields that the API does not know. JSON is an expression of TypeScript, and the published models have types that are closed: the compiler names each field that
 * is too many, with its place. All at once, since it takes seconds to start.
 */
export function unknownFields(manifests: readonly Manifest[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-manifests-'));
  try {
    const texts = manifests.map((manifest, i) => {
      const from = `${join(root, 'node_modules', moduleOf(manifest.apiVersion) ?? 'none')}/index.js`;
      return `import type { I${manifest.kind} as K${i} } from ${JSON.stringify(from)};\nexport const m${i}: K${i} = ${JSON.stringify(manifest)};`;
    });
    writeFileSync(join(folder, 'manifests.ts'), texts.join('\n'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    const compilerOptions = { types: [], exactOptionalPropertyTypes: false, rewriteRelativeImportExtensions: false };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }),
    );
    const { stdout, stderr, error } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
    });
    if (error !== undefined) return [error.message];
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
    return lines.map((line) => {
      const at = Number(/manifests\.ts\((\d+),/.exec(line)?.[1] ?? 0);
      const manifest = manifests[Math.ceil(at / 2) - 1];
      return `${manifest === undefined ? '' : `${titleOf(manifest)}: `}${line.replace(/^.*error TS\d+: /, '')}`;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
