/**
 * What a sidecar takes, in its own image and a pod's limits: `node scripts/ci/footprint.ts [--image FOLDER] [--rounds 5] [--quick] [--write]`. Prints a table; `--write`
 * puts it into docs/sizing.md. Nothing else may run meanwhile: the load of the machine at its beginning stands in the table.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../../bench/machine.ts';
import type { InjectSettings } from '../../src/inject/settings.ts';
import { sizes } from '../image/listing.ts';
import { root } from '../lint/tree.ts';
import { type Figures, PER_SECOND, lifeOf, median } from './footprint/measured.ts';
import { type Image, appImage } from './kubelet/images.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import { type Stage, onNode } from './kubelet/play.ts';
import { trafficPort } from './sidecar/ask.ts';
import { APP_IMAGE, CONTRACT_MAP, SIDECAR_IMAGE, injectedPod } from './sidecar/pods.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const DURATIONS = values.quick ? { idleSeconds: 3, loadSeconds: 8 } : { idleSeconds: 10, loadSeconds: 60 };
const ROUNDS = values.quick ? 1 : Number(values.rounds);
/** Above it the machine does other things: what is measured is no figure to publish. */
const QUIET = 1.5;
/** Tries at a life in which every request is answered. */
const LIVES = 3;
/** The limit that `inject` sets, in MB. */
const LIMIT_MB = (256 * 1024 ** 2) / 1e6;

const ROWS: ReadonlyArray<readonly [string, Pick<InjectSettings, 'enforce' | 'log'>]> = [
  ['both sides judged, report, no access log', { enforce: 'none', log: 'off' }],
  ['both sides judged, report', { enforce: 'none', log: 'stdout' }],
  ['both sides judged, enforce', { enforce: 'both', log: 'stdout' }],
];

let failures = 0;

/** A machine that stood still for a third of a second lets requests pile up in who asks: such a life is told, and lived again. */
async function soundLife(
  kubelet: Kubelet,
  name: string,
  title: string,
  settings: Pick<InjectSettings, 'enforce' | 'log'>,
): Promise<Figures> {
  for (let life = 1; ; life++) {
    const { metadata, spec } = injectedPod(`${name}-${life}`, { ...settings, probed: false });
    // The benchmark's upstream takes no SIGTERM, and nothing is in flight.
    const pod = kubelet.run({ metadata, spec: { ...spec, terminationGracePeriodSeconds: 1 } });
    const figures = await lifeOf(pod, trafficPort(pod), DURATIONS);
    const { load } = figures;
    const sound = load.socketErrors === 0 && load.badAnswers === 0 && load.requests > 0 && figures.peakMb < LIMIT_MB;
    const again = !sound && life < LIVES;
    if (!sound && !again) failures += 1;
    console.log(`${sound ? 'ok    ' : again ? 'again ' : 'FAILED'} ${title}: ${JSON.stringify(figures)}`);
    if (!again) return figures;
  }
}

async function rows(image: Image, folder: string): Promise<readonly string[]> {
  const bench = join(root, 'bench');
  const images = new Map([
    [SIDECAR_IMAGE, image],
    [APP_IMAGE, appImage(image, folder, [join(bench, 'upstream.ts'), join(bench, 'bodies.ts')])],
  ]);
  const kubelet = await Kubelet.start(join(folder, 'pods'), images);
  kubelet.configMap(CONTRACT_MAP, { 'openapi.yaml': readFileSync(join(bench, 'contract.openapi.yaml'), 'utf8') });
  const lives = new Map<string, Figures[]>(ROWS.map(([title]) => [title, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [title, settings] of ROWS) {
      const figures = await soundLife(kubelet, `footprint-${round}`, title, settings);
      lives.get(title)?.push(figures);
    }
  }
  return [...lives].map(([title, all]) => line(title, all));
}

function line(title: string, all: readonly Figures[]): string {
  const of = (read: (one: Figures) => number): number => median(all.map(read));
  const cells = [
    of(({ startMs }) => startMs / 1000).toFixed(2),
    of(({ startCpuMs }) => startCpuMs / 1000).toFixed(2),
    `${of(({ idleMb }) => idleMb).toFixed(0)} (${of(({ idleOwnMb }) => idleOwnMb).toFixed(0)})`,
    of(({ idleCpu }) => idleCpu).toFixed(3),
    `${of(({ loadedMb }) => loadedMb).toFixed(0)} (${of(({ loadedOwnMb }) => loadedOwnMb).toFixed(0)})`,
    of(({ peakMb }) => peakMb).toFixed(0),
    of(({ loadedCpu }) => loadedCpu).toFixed(3),
    of(({ load }) => load.p50Ms).toFixed(1),
    of(({ load }) => load.p99Ms).toFixed(1),
  ];
  return `| ${[title, ...cells].join(' | ')} |`;
}

function page(before: string, table: string): string {
  const [begin, end] = ['<!-- footprint:begin -->', '<!-- footprint:end -->'];
  const [at, to] = [before.indexOf(begin), before.indexOf(end)];
  if (at < 0 || to < at) throw new Error(`docs/sizing.md has no ${begin} … ${end}`);
  return `${before.slice(0, at)}${begin}\n\n${table}\n\n${before.slice(to)}`;
}

/** The machine's load when what was done before, the image's build too, no longer counts; or after three minutes, whatever it is then. */
async function calm(): Promise<number> {
  for (let waited = 0; ; waited += 5) {
    const [load = 0] = loadavg();
    if (load < QUIET || waited >= 180) return load;
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

await onNode(values.image, async ({ image, folder }: Stage) => {
  const busy = await calm();
  const lines = await rows(image, folder);
  const { table: bytes } = sizes(image.root);
  const whole = /^all +([\d.]+) MB$/m.exec(bytes)?.[1];
  const quiet = busy < QUIET ? '' : ` **Preliminary: the machine did other things (load ${busy.toFixed(1)}).**`;
  const { at, node, cpu, cores, kernel } = describeMachine('');
  const where = `${at.slice(0, 10)}, Node ${node.slice(1)}, ${cpu}, ${cores} cores, Linux ${kernel}`;
  const table = `${where}; medians of ${ROUNDS} lives; ${PER_SECOND.toLocaleString('en')} GETs a second, each answered with 1 KB, for ${DURATIONS.loadSeconds} s. Image: ${whole} MB.${quiet}

| | start, s | processor time of it, s | idle, MB (its own) | idle, vCPU | at 1,000/s, MB (its own) | most ever, MB | vCPU per 1,000/s | p50 ms | p99 ms |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${lines.join('\n')}`;
  console.log(`\n${table}\n\n${bytes}`);
  const file = join(root, 'docs/sizing.md');
  if (values.write && failures === 0) writeFileSync(file, page(readFileSync(file, 'utf8'), table));
  return failures === 0 ? 0 : 1;
});
