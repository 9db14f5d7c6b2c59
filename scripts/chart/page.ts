/** The chart that docs/kubernetes.md shows for a service, as somebody would type it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fencesOf } from '../lint/markdown.ts';
import { root } from '../lint/tree.ts';
import { duplicates } from './checks/duplicates.ts';
import { at, listAt } from './checks/manifest.ts';
import { invalid } from './checks/models.ts';
import { Found } from './cases/case.ts';
import { withPlumbline } from './consumers.ts';
import type { Helm } from './helm.ts';

const FILES: readonly string[] = ['Chart.yaml', 'values.yaml', 'templates/deployment.yaml'];
/** Where the sidecar is, and what the application has beside it. */
const FORMS: ReadonlyArray<{
  readonly kube: string;
  readonly values: object;
  readonly init: readonly string[];
  readonly names: readonly string[];
}> = [
  { kube: '1.33.0', values: {}, init: ['plumbline'], names: ['billing'] },
  { kube: '1.28.0', values: {}, init: [], names: ['billing', 'plumbline'] },
  { kube: '1.33.0', values: { plumbline: { sidecar: { enabled: false } } }, init: [], names: ['billing'] },
];

export async function chartOfPage(helm: Helm): Promise<readonly string[]> {
  const chart = join(helm.folder, 'page');
  const blocks = fencesOf(readFileSync(join(root, 'docs/kubernetes.md'), 'utf8')).map(({ text }) => text);
  for (const file of FILES) {
    const block = blocks.find((text) => text.startsWith(`# ${file}\n`));
    if (block === undefined) return [`docs/kubernetes.md shows no ${file}`];
    mkdirSync(dirname(join(chart, file)), { recursive: true });
    writeFileSync(join(chart, file), file === 'Chart.yaml' ? `apiVersion: v2\nname: page\nversion: 0.0.1\n${block}` : block);
  }
  withPlumbline(chart);
  const problems = FORMS.map(async ({ kube, values, init, names }) => {
    const { ok, said, manifests } = helm.template({ chart, kube, values: { ...values } });
    if (!ok) return [said];
    const spec = at(new Found(manifests).pod('billing'), 'spec');
    const places = { init: listAt(spec, 'initContainers'), names: listAt(spec, 'containers') };
    const found = JSON.stringify(Object.values(places).map((list) => list.map((one) => at(one, 'name'))));
    const wrong = found === JSON.stringify([init, names]) ? [] : [`${kube}: the containers are ${found}`];
    return [...wrong, ...manifests.flatMap(duplicates), ...(await Promise.all(manifests.map(invalid))).flat()];
  });
  return (await Promise.all(problems)).flat();
}
