import { hasPromtool } from '../../rules/promtool.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import type { PlayedPod } from '../kubelet/pod.ts';
import { Service } from '../kubelet/service.ts';
import { fires } from './alert.ts';
import { ask, metricsOf, scrapeOf, sidecarOf, trafficPort } from './ask.ts';
import { hold } from './checks.ts';
import { BROKEN_CONTRACT, ordersContract } from './contract.ts';
import { READY_MS } from './life.ts';
import { Load } from './load.ts';
import { CONTRACT_MAP, injectedPod } from './pods.ts';

const KEY = 'openapi.yaml';
/** A poll of the files is 2 s, and what is found is read until it rests. */
const TAKEN_MS = 60_000;
const REQUESTS = 20;
/** One after the other; the one that is broken leaves the one before it in force. */
const VERSIONS = ['1.1.0', '1.2.0', 'broken', '1.3.0'];

/** What its ConfigMap is at first. */
const AT_FIRST = {
  missing: undefined,
  broken: { [KEY]: BROKEN_CONTRACT },
  'under another key': { 'orders.yaml': ordersContract() },
} as const;

/** In report, where the contract is missing or broken at the start: traffic passes, it is said, and it is mended without a restart. */
export async function withoutContract(kubelet: Kubelet, how: keyof typeof AT_FIRST): Promise<void> {
  kubelet.configMap(CONTRACT_MAP, AT_FIRST[how]);
  const pod = kubelet.run(injectedPod('orders-without'));
  await pod.until(() => pod.ready, 'ready', READY_MS);
  const passed = await several(pod);
  hold(`the contract is ${how}: the pod is ready, and ${passed} of ${REQUESTS} requests pass`, passed === REQUESTS, () => pod.story);
  const metrics = await metricsOf(pod);
  const [success, skipped, judged] = [reloaded(metrics), skippedOf(metrics), judgedOf(metrics)];
  const told = sidecarOf(pod).log.match(/"[^"]*openapi\.yaml[^"]*"/)?.[0] ?? '';
  hold(`the log says so: ${told}`, told !== '', () => pod.story);
  hold(
    `plumbline_contract_reload_success is ${success}, ${skipped} checks are skipped as no_contract, ${judged} judged`,
    success === 0 &&
      skipped === 2 * REQUESTS &&
      judged === 0 &&
      metrics.labelsOf('plumbline_contract_reload_success', 'api').join() === 'orders',
    () => pod.story,
  );
  await holdAlert(pod, true);
  kubelet.configMap(CONTRACT_MAP, { [KEY]: ordersContract() });
  await untilAsync(async () => reloaded(await metricsOf(pod)) === 1);
  await several(pod);
  const after = await metricsOf(pod);
  hold(
    `the ConfigMap is as it should be: ${judgedOf(after)} checks are judged, without a restart`,
    judgedOf(after) === 2 * REQUESTS && reloaded(after) === 1 && sidecarOf(pod).restarts === 0,
    () => pod.story,
  );
  await holdAlert(pod, false);
  await pod.delete();
}

/** Where a route enforces the app does not start without its contract: what is to be refused could not be. */
export async function enforcedWithoutContract(kubelet: Kubelet): Promise<void> {
  kubelet.configMap(CONTRACT_MAP, undefined);
  const missing = kubelet.run(injectedPod('enforced-missing', { enforce: 'request' }));
  await missing.until(() => missing.at('MountVolume.SetUp failed') !== undefined, 'waiting for its ConfigMap', READY_MS);
  hold(
    'enforced, without its contract: the pod waits for the ConfigMap, and nothing of it is started',
    missing.slots.every(({ running, restarts }) => running === undefined && restarts === 0),
    () => missing.story,
  );
  kubelet.configMap(CONTRACT_MAP, AT_FIRST['under another key']);
  const sidecar = sidecarOf(missing);
  await missing.until(() => sidecar.restarts > 0, 'restarted', READY_MS);
  hold(
    `enforced, without the key: the sidecar ends with ${sidecar.lastCode} and names the file; the app is not started`,
    sidecar.lastCode === 2 && sidecar.lastLog.includes('openapi.yaml') && missing.at('app: running') === undefined,
    () => missing.story,
  );
  kubelet.configMap(CONTRACT_MAP, { [KEY]: BROKEN_CONTRACT });
  const more = sidecar.restarts + 2; // the life after this one began with that contract
  await missing.until(() => sidecar.restarts >= more, 'restarted twice', READY_MS);
  hold(
    `enforced, with a broken contract: the sidecar ends with ${sidecar.lastCode} and says where the fault is; the app is not started`,
    sidecar.lastCode === 2 && /openapi\.yaml:\d+:\d+ error/.test(sidecar.lastLog) && missing.at('app: running') === undefined,
    () => missing.story,
  );
  kubelet.configMap(CONTRACT_MAP, { [KEY]: ordersContract() });
  await missing.until(() => missing.ready, 'ready', READY_MS);
  const refused = await ask(missing.ip, trafficPort(missing), '/v1/orders', { method: 'POST', body: '{}' });
  hold(`the ConfigMap is mended: the pod starts, and refuses with ${refused.status}`, refused.status === 422, () => missing.story);
  await missing.delete();
}

/** The `..data` link of the directory is swapped while requests come: each version is taken, and nobody notices. */
export async function swapped(kubelet: Kubelet, perSecond: number): Promise<void> {
  kubelet.configMap(CONTRACT_MAP, { [KEY]: ordersContract() });
  const pod = kubelet.run(injectedPod('orders-swapped', { enforce: 'both' }));
  const service = new Service('http', () => 0);
  service.follow(pod);
  await pod.until(() => service.size > 0, 'in the Service', READY_MS);
  const load = new Load(() => service.pick());
  load.start(perSecond);
  const taken: string[] = [];
  try {
    for (const version of VERSIONS) {
      kubelet.configMap(CONTRACT_MAP, { [KEY]: version === 'broken' ? BROKEN_CONTRACT : ordersContract(version) });
      const inForce = version === 'broken' ? '1.2.0' : version;
      await untilAsync(async () => {
        const metrics = await metricsOf(pod);
        return (
          metrics.labelsOf('plumbline_contract_info', 'contract_version').join() === inForce &&
          reloaded(metrics) === (version === 'broken' ? 0 : 1)
        );
      });
      taken.push(version);
    }
    // However fast they were taken: the last one is in force under load, too.
    const enough = load.sent + perSecond;
    await pod.until(() => load.sent > enough, 'asked for a second more', TAKEN_MS);
  } catch (error) {
    await load.stop();
    throw error;
  } finally {
    service.close();
  }
  const { sent, good, losses } = await load.stop();
  hold(
    `under ${perSecond} requests/s ${taken.join(', ')} are swapped in one after the other; the broken one is refused`,
    taken.length === VERSIONS.length,
  );
  hold(`${good} of ${sent} requests meanwhile are answered well`, sent > perSecond && good === sent, () =>
    JSON.stringify(losses.slice(0, 10), undefined, 1),
  );
  await pod.delete();
}

async function several(pod: PlayedPod): Promise<number> {
  const answers = await Promise.all(Array.from({ length: REQUESTS }, (_, i) => ask(pod.ip, trafficPort(pod), `/v1/orders/n${i}`)));
  return answers.filter(({ status }) => status === 200).length;
}

type Metrics = Awaited<ReturnType<typeof metricsOf>>;
const reloaded = (metrics: Metrics): number => metrics.value('plumbline_contract_reload_success', { api: 'orders' });
const skippedOf = (metrics: Metrics): number =>
  metrics.value('plumbline_contract_checks_total', { outcome: 'skipped', reason: 'no_contract' });
const judgedOf = (metrics: Metrics): number =>
  ['valid', 'invalid'].reduce((sum, outcome) => sum + metrics.value('plumbline_contract_checks_total', { outcome }), 0);

async function holdAlert(pod: PlayedPod, wanted: boolean): Promise<void> {
  if (!hasPromtool()) return console.log('skipped: whether ContractReloadFailed fires: promtool is not installed');
  hold(
    `ContractReloadFailed ${wanted ? 'fires' : 'is silent'} on what it says`,
    (await fires('ContractReloadFailed', await scrapeOf(pod))) === wanted,
  );
}

/** @throws where it does not come to that. */
async function untilAsync(holds: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = performance.now() + TAKEN_MS; performance.now() < giveUpAt; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the contract was not taken within ${TAKEN_MS} ms`);
}
