/**
 * The chart, by Helm itself: lint, every combination of values with what must come of it, what must be refused and with which words, the same twice, the
 * package, and the sidecar beside that of `plumbline inject`. `node scripts/ci/chart.ts [words of a name]`. Exit code 0 where all of it holds, and where Helm is missing: said loudly.
 */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { injectionCases } from '../chart/cases/injection.ts';
import { type Case, Found } from '../chart/cases/case.ts';
import { monitoringCases } from '../chart/cases/monitoring.ts';
import { sidecarCases, sidecarRefusals } from '../chart/cases/sidecar.ts';
import { nameCases } from '../chart/cases/names.ts';
import { standaloneCases } from '../chart/cases/standalone.ts';
import { unknownFields } from '../chart/checks/as-types.ts';
import { type Manifest, at } from '../chart/checks/manifest.ts';
import { bareIn, exampleIn, exampleManifests, jobIn } from '../chart/consumers.ts';
import { TWINS, differences } from '../chart/equal.ts';
import { unheard } from '../chart/every-value.ts';
import { CHART, Helm } from '../chart/helm.ts';
import { root } from '../lint/tree.ts';
import { judge } from '../chart/judge.ts';
import { chartOfPage } from '../chart/page.ts';
import { policyVersions } from '../chart/policy-versions.ts';
import { NOTES, withNotesIn } from '../chart/notes.ts';
import { refusals } from '../chart/refusals.ts';

const EVERY = 'every value changes what is rendered';
const words = process.argv.slice(2);
const isAsked = (name: string): boolean => words.every((word) => name.includes(word));
let checks = 0;
let failures = 0;
function hold(what: string, problems: readonly string[]): void {
  checks++;
  console.log(problems.length === 0 ? `ok     ${what}` : `FAILED ${what}\n  ${problems.join('\n  ')}`);
  if (problems.length > 0) failures++;
}

const helm = new Helm();
try {
  const version = helm.available();
  if (version === undefined)
    console.log('skipped: helm is not installed, so nothing was shown of the chart (.ci/install-tools.sh brings it)');
  else await all(version);
} finally {
  helm.end();
}

async function all(version: string): Promise<void> {
  console.log(`helm ${version}`);
  const consumers = { example: exampleIn(helm.folder), bare: bareIn(helm.folder), job: jobIn(helm.folder) };
  const chartOf = ({ consumer }: Pick<Case, 'consumer'>): string => (consumer === undefined ? CHART : consumers[consumer]);
  const cases = [...standaloneCases, ...nameCases, ...sidecarCases, ...injectionCases, ...monitoringCases].filter(({ name }) =>
    isAsked(name),
  );
  const seen = new Map<string, Manifest>(
    exampleManifests().flatMap(({ manifests }) => manifests.map((made) => [JSON.stringify(made), made])),
  );

  for (const chart of [CHART, consumers.example]) {
    const { code, said } = helm.run('lint', '--strict', '--kube-version', '1.33.0', chart);
    hold(`helm lint --strict ${chart === CHART ? 'helm/plumbline' : 'helm/examples/billing'}`, code === 0 ? [] : [said]);
  }
  for (const one of cases) {
    const asked = { ...one, chart: chartOf(one) };
    const rendered = helm.template(asked);
    for (const made of rendered.manifests) seen.set(JSON.stringify(made), made);
    hold(
      one.name,
      rendered.ok ? [...(await judge(rendered.manifests)), ...thrown(() => one.holds(new Found(rendered.manifests)))] : [rendered.said],
    );
    // Under GitOps a difference between two renderings is a change that somebody is asked about.
    if (rendered.ok) hold(`the same twice: ${one.name}`, helm.template(asked).text === rendered.text ? [] : ['it is not']);
  }
  if (words.length === 0)
    hold(`no field that the API does not know, in ${seen.size} different manifests`, unknownFields([...seen.values()]));

  for (const { name, by, words: wanted, ...asked } of refusals.filter(({ name }) => isAsked(name))) {
    const { ok, said } = helm.template(asked);
    hold(
      `refused by ${by}: ${name}`,
      ok
        ? ['it was rendered']
        : missing(said, [...wanted, by === 'schema' ? /values don't meet the specifications of the schema/ : /execution error at/]),
    );
  }
  for (const refusal of sidecarRefusals.filter(({ name }) => isAsked(name))) {
    const { ok, said } = helm.template({ ...refusal, chart: chartOf(refusal) });
    hold(`refused: ${refusal.name}`, ok ? ['it was rendered'] : missing(said, refusal.words));
  }

  const asTwin = (sidecar: unknown, image: unknown = {}, consumer: 'example' | 'bare' = 'example') => ({
    chart: consumers[consumer],
    values: { image: 'registry.example/billing:1.4.2', plumbline: { sidecar, image } },
  });
  const bare = new Found(helm.template(asTwin({ enabled: false })).manifests).pod('billing');
  for (const twin of TWINS.filter(({ name }) => isAsked(name))) {
    const { ok, said, manifests } = helm.template({
      ...asTwin(twin.sidecar, twin.image, twin.consumer),
      ...(twin.kube !== undefined && { kube: twin.kube }),
    });
    hold(`as plumbline inject makes it: ${twin.name}`, ok ? differences(twin, bare, new Found(manifests).pod('billing')) : [said]);
  }
  const withNotes = withNotesIn(helm.folder);
  for (const { name, values, words: wanted } of NOTES.filter(({ name }) => isAsked(name))) {
    const { ok, said, manifests } = helm.template({ chart: withNotes, values });
    hold(
      `told after the installation: ${name}`,
      ok ? missing(String(at(new Found(manifests).get('ConfigMap', 'notes'), 'data', 'text')), wanted) : [said],
    );
  }
  if (words.length === 0 || isAsked(EVERY)) {
    const { problems, count } = unheard(helm, CHART, consumers.example);
    hold(`${EVERY}: ${count}`, count > 100 ? problems : [`there are ${count} only`, ...problems]);
  }
  if (words.length === 0) hold('the version of the policy where no cluster says which it has', policyVersions(helm));
  if (words.length === 0) hold('the chart that docs/kubernetes.md shows', await chartOfPage(helm));
  if (words.length === 0) packaged();
  if (words.length === 0) depended();
  console.log(
    `${checks} checks, ${cases.length} combinations of values, ${refusals.length + sidecarRefusals.length} refusals, ${failures} failed`,
  );
  // A check that passes on nothing has shown nothing.
  if (failures > 0 || (words.length === 0 && cases.length < 30)) process.exitCode = 1;
}

/** What a release takes: the archive, its version, and the example that depends on it by `file://`. */
function packaged(): void {
  const { code, said } = helm.run('package', CHART, '--destination', helm.folder);
  hold('helm package', code === 0 ? [] : [said]);
  const bytes = code === 0 ? readFileSync(join(helm.folder, `plumbline-${manifest.version}.tgz`)).length : 0;
  // A release keeps its chart in a Secret of 1 MiB, in base64 twice, with all that it rendered.
  hold(
    `the package has ${bytes} bytes`,
    bytes > 0 && bytes < 200_000 ? [] : ['Helm keeps a release in one Secret: 1 MiB, of which base64 takes half'],
  );
  const shown = helm.run('show', 'readme', join(helm.folder, `plumbline-${manifest.version}.tgz`));
  hold(
    'the README is in the package',
    shown.stdout.trim() === readFileSync(join(CHART, 'README.md'), 'utf8').trim() ? [] : ['it is another one'],
  );
}

/** As docs/kubernetes.md tells to type it: by `file://`, nothing is fetched. */
function depended(): void {
  const folder = join(helm.folder, 'checkout');
  cpSync(join(root, 'helm'), folder, { recursive: true });
  const chart = join(folder, 'examples', 'billing');
  const built = helm.run('dependency', 'build', chart);
  hold('helm dependency build, in the example', built.code === 0 ? [] : [built.said]);
  const rendered = helm.template({ chart, values: {} });
  const names = rendered.manifests.map(({ kind }) => kind).sort();
  hold(
    'the example with what was built',
    rendered.ok && names.join() === 'ConfigMap,Deployment,Service' ? [] : [rendered.said, names.join()],
  );
}

function missing(said: string, wanted: readonly RegExp[]): string[] {
  return wanted.filter((pattern) => !pattern.test(said)).map((pattern) => `${pattern} is not in what was said: ${said.slice(0, 1500)}`);
}

function thrown(body: () => void): string[] {
  try {
    body();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
