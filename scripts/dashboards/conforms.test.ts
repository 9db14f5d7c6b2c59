/** The files themselves against the types that Grafana publishes: a JSON text is an expression of TypeScript, so the compiler judges it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../lint/tree.ts';
import { boards } from './boards.ts';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-conforms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GRAFANA = join(root, 'scripts/dashboards/grafana.ts');

/** As `BoardJson`, which knows every field of every panel, and that as the published `Dashboard`. */
const asTypeScript = (text: string): string =>
  `import type { Dashboard } from '@grafana/schema';
import type { BoardJson, Json } from ${JSON.stringify(GRAFANA)};
const board: BoardJson = ${text};
export const published: Json<Dashboard> = board;
`;

/** What the compiler says, by file. */
function compiled(texts: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, `${name}.ts`), asTypeScript(text));
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      types: [],
      rewriteRelativeImportExtensions: false,
      paths: { '@grafana/schema': [join(root, 'node_modules/@grafana/schema/dist/types/index.d.ts')] },
    },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
  const said = (name: string) =>
    `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line.includes(`${name}.ts(`))
      .join('\n');
  const elsewhere = `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line.includes('error TS') && !Object.keys(texts).some((name) => line.includes(`${name}.ts(`)));
  return { ...Object.fromEntries(Object.keys(texts).map((name) => [name, said(name)])), elsewhere: elsewhere.join('\n') };
}

test('every board is what Grafana says a dashboard is, and faults are seen', () => {
  const texts = Object.fromEntries(
    boards.map(({ file }) => [file.replace('.json', ''), readFileSync(join(root, 'dashboards', file), 'utf8')]),
  );
  const overview = texts['overview'] as string;
  const said = compiled({
    ...texts,
    'no-schema-version': overview.replace('"schemaVersion": 42,', ''),
    'no-such-field': overview.replace('"timezone"', '"timeZone"'),
    'no-such-option': overview.replace('"graphMode"', '"graphModus"'),
    'no-such-value': overview.replace('"colorMode": "background_solid"', '"colorMode": "backgroundSolid"'),
    'wrong-type': overview.replace('"refresh": "30s"', '"refresh": 30'),
    'no-such-panel': overview.replace('"type": "timeseries"', '"type": "graph"'),
    'query-without-expression': overview.replace('"expr":', '"query":'),
  });
  const clean = Object.fromEntries([...Object.keys(texts), 'elsewhere'].map((name) => [name, said[name]]));
  expect(clean).toEqual(Object.fromEntries(Object.keys(clean).map((name) => [name, ''])));
  expect(Object.keys(clean)).toHaveLength(6);
  expect(said['no-schema-version']).toContain('schemaVersion');
  expect(said['no-such-field']).toContain('timeZone');
  expect(said['no-such-option']).toContain('graphModus');
  expect(said['no-such-value']).toContain('backgroundSolid');
  expect(said['wrong-type']).toContain("Type 'number'");
  expect(said['no-such-panel']).toContain('"graph"');
  expect(said['query-without-expression']).toContain('query');
});
