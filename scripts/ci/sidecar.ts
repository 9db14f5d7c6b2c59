/**
 * The sidecar's life in Kubernetes, played with real processes: `node scripts/ci/sidecar.ts [--image FOLDER] [--rate 500] [ACT…]`. The pods are what `inject`
 * makes of a service's, run by a small kubelet (kubelet/) on a node of its own: networks, mounts, users, limits, probes, signals. It takes root on Linux.
 * `--image`: the root of the image's file system where it was laid out before.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../lint/tree.ts';
import { appImage } from './kubelet/images.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import { type Stage, onNode } from './kubelet/play.ts';
import { act, summary } from './sidecar/checks.ts';
import { ordersContract } from './sidecar/contract.ts';
import { enforcedWithoutContract, swapped, withoutContract } from './sidecar/contracts.ts';
import { jobs, legacyLife } from './sidecar/forms.ts';
import { nativeLife } from './sidecar/life.ts';
import { APP_IMAGE, CONTRACT_MAP, SIDECAR_IMAGE } from './sidecar/pods.ts';
import { chart, commandLine } from './sidecar/rendered.ts';
import { holdLosses, holdRollout } from './sidecar/rolling.ts';

const { values, positionals } = parseArgs({
  options: { image: { type: 'string' }, rate: { type: 'string', default: '500' } },
  allowPositionals: true,
});
const RATE = Number(values.rate);

const ACTS: Readonly<Record<string, (kubelet: Kubelet) => Promise<void>>> = {
  'a native sidecar in report': (kubelet) => nativeLife(kubelet, 'none'),
  'a native sidecar that enforces': (kubelet) => nativeLife(kubelet, 'both'),
  'a legacy sidecar': legacyLife,
  'a Job': jobs,
  'what plumbline inject prints': commandLine,
  'what the chart renders': chart,
  'a contract that is missing': (kubelet) => withoutContract(kubelet, 'missing'),
  'a contract that is broken': (kubelet) => withoutContract(kubelet, 'broken'),
  'a contract under another key': (kubelet) => withoutContract(kubelet, 'under another key'),
  'a contract that is broken or missing, and enforced': enforcedWithoutContract,
  'a contract that is swapped under load': (kubelet) => swapped(kubelet, RATE),
  'a rolling restart, native': (kubelet) => holdRollout(kubelet, 'native', RATE),
  'a rolling restart, legacy': (kubelet) => holdRollout(kubelet, 'legacy', RATE),
  // What they are held against: the same where something is left out must lose requests, or nothing was shown.
  'a restart without the hook': (kubelet) => holdLosses(kubelet, 'no hook', RATE),
  'a restart of an app that ends at once': (kubelet) => holdLosses(kubelet, 'no lingering', RATE),
};

async function play({ image, folder }: Stage): Promise<number> {
  const program = join(root, 'scripts/ci/kubelet/app.ts');
  const images = new Map([
    [SIDECAR_IMAGE, image],
    [APP_IMAGE, appImage(image, folder, [program])],
  ]);
  const wanted = Object.entries(ACTS).filter(([name]) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
  if (wanted.length === 0) throw new Error(`there is no such act; there are:\n${Object.keys(ACTS).join('\n')}`);
  const kubelet = await Kubelet.start(join(folder, 'pods'), images);
  for (const [name, run] of wanted) {
    kubelet.configMap(CONTRACT_MAP, { 'openapi.yaml': ordersContract() });
    await act(name, () => run(kubelet));
    await kubelet.stop();
  }
  const { checks, failed } = summary();
  console.log(`\n${checks} checks, ${failed} failed`);
  return failed === 0 && checks > 0 ? 0 : 1;
}

await onNode(values.image, play);
