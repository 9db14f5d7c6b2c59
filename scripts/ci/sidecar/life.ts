import { readFileSync } from 'node:fs';
import type { Kubelet } from '../kubelet/kubelet.ts';
import type { PlayedPod } from '../kubelet/pod.ts';
import { type Asked, ask, metricsOf, sidecarOf, sidecarPort, trafficPort } from './ask.ts';
import { hold } from './checks.ts';
import { listenersOf } from './listeners.ts';
import { injectedPod } from './pods.ts';

/** A start may wait for a processor that others have. */
export const READY_MS = 120_000;
const ADMIN_PORT = 7090;
const ORDER = JSON.stringify({ id: 'n1', total: 12.5 });
/** What the app goes on for when the pod has begun to end, in seconds. */
const LINGERS = 2;
export const NO_ORDER = JSON.stringify({ id: 'n1', total: 'much' });

/** Starts, proxies, is asked by kubelet and Prometheus, and ends after the app: in report, or with everything enforced. */
export async function nativeLife(kubelet: Kubelet, enforce: 'none' | 'both'): Promise<void> {
  const pod = kubelet.run(injectedPod(`orders-${enforce}`, { enforce, lingers: LINGERS }));
  await pod.until(() => pod.ready, 'ready', READY_MS);
  holdStart(pod);
  await holdProbes(pod);
  holdRights(pod);
  const sent = await holdTraffic(pod, enforce);
  await holdEnd(pod, sent);
}

function holdStart(pod: PlayedPod): void {
  const [begun = 0, started = 0, app = 0] = ['plumbline: running', 'plumbline: started', 'app: running'].map((what) => pod.at(what));
  hold(
    `the sidecar is started in ${(started - begun).toFixed(0)} ms, and then the app, ${(app - started).toFixed(0)} ms later`,
    begun > 0 && begun < started && started <= app,
    () => pod.story,
  );
}

/** What kubelet and Prometheus ask answers on the pod's address; the API is behind none of its ports, and nobody listens there for anything that the spec does not name. */
export async function holdProbes(pod: PlayedPod): Promise<void> {
  const port = sidecarPort(pod, 'plumbline');
  const open = ['/startupz', '/readyz', '/healthz', '/metrics'];
  const answers = await Promise.all(open.map((path) => ask(pod.ip, port, path)));
  hold(
    `${open.length} paths for kubelet and Prometheus answer on ${pod.ip}:${port}`,
    answers.every(({ status }) => status === 200),
    () => said(answers),
  );
  const hidden = ['/', '/api', '/api/violations', '/api/contracts', '/api/config', '/api/findings', '/api/outcomes', '/api/retire'];
  const refused = await Promise.all(hidden.map((path) => ask(pod.ip, port, path)));
  refused.push(await ask(pod.ip, port, '/api/retire', { method: 'POST', body: '{}' }));
  hold(
    `${refused.length} requests for the API are answered 404 there`,
    refused.every(({ status }) => status === 404),
    () => said(refused),
  );
  const listeners = listenersOf(sidecarOf(pod).running?.pid as number);
  const of = (isLoopback: boolean): number[] => listeners.filter((one) => one.isLoopback === isLoopback).map((one) => one.port);
  const outside = of(false).toSorted((a, b) => a - b);
  const { initContainers = [], containers } = pod.spec.spec;
  const named = [...initContainers, ...containers].flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
  hold(
    `who is not in the pod reaches ${outside.join(', ')}, as the spec names them; the API listens on loopback, and nothing else`,
    outside.join() === named.toSorted((a, b) => a - b).join() && of(true).join() === String(ADMIN_PORT),
    () => JSON.stringify({ listeners, named }),
  );
  const admin = await ask(pod.ip, ADMIN_PORT, '/api/config');
  hold('nobody answers for the API on the address of the pod', admin.text === 'ECONNREFUSED', () => said([admin]));
}

/** What the restricted Pod Security Standard asks for, as the kernel sees the running process. */
function holdRights(pod: PlayedPod): void {
  const pid = sidecarOf(pod).running?.pid;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const fields = ['Uid:\t65532\t65532', 'Gid:\t65532\t65532', 'CapPrm:\t0000000000000000', 'CapEff:\t0000000000000000', 'NoNewPrivs:\t1'];
  hold(
    'it runs as 65532, without capabilities, and can gain none',
    fields.every((field) => status.includes(field)),
    () => status,
  );
  const mounts = readFileSync(`/proc/${pid}/mounts`, 'utf8').split('\n');
  const of = (path: string): string => mounts.findLast((line) => line.split(' ')[1] === path) ?? '';
  const readOnly = ['/', '/etc/plumbline/contracts/orders'].every((path) => / ro[, ]/.test(of(path)));
  hold('it can write to nothing but its state', readOnly && / rw[, ]/.test(of('/var/lib/plumbline')), () => mounts.join('\n'));
  const limit = sidecarOf(pod).running?.limit;
  if (limit === undefined) console.log('skipped: the memory limit of the sidecar: there is no control group on this machine to hold it to');
  else
    hold(`the kernel holds it to ${limit.bytes} bytes`, limit.bytes === 256 * 1024 ** 2 && limit.pids.includes(pid as number), () =>
      limit.pids.join(),
    );
}

/** Resolves to the number of requests that it has been sent. */
async function holdTraffic(pod: PlayedPod, enforce: 'none' | 'both'): Promise<number> {
  const port = trafficPort(pod);
  const shop = { 'X-Consumer-Name': 'shop-window' };
  const good = [
    await ask(pod.ip, port, '/v1/orders/n1', { headers: shop }),
    await ask(pod.ip, port, '/v1/orders', { method: 'POST', body: ORDER, headers: shop }),
  ];
  const bad = [
    await ask(pod.ip, port, '/v1/orders', { method: 'POST', body: NO_ORDER, headers: shop }),
    await ask(pod.ip, port, '/v1/orders/odd1', { headers: shop }),
  ];
  hold('what fits the contract passes', good.map(({ status }) => status).join() === '200,201', () => said(good));
  const wanted = enforce === 'both' ? '422,502' : '201,200';
  hold(`what breaks it, on either side, is answered ${wanted}`, bad.map(({ status }) => status).join() === wanted, () => said(bad));
  const metrics = await metricsOf(pod);
  const verdicts = (['request', 'response'] as const).map((side) =>
    ['valid', 'invalid'].map((outcome) => metrics.value('plumbline_contract_checks_total', { api: 'orders', side, outcome })),
  );
  // What is refused has no answer of the service that could be judged.
  const counted = enforce === 'both' ? '3,1,2,1' : '3,1,3,1';
  hold(
    `verdicts are counted: ${verdicts.flat().join()} valid and invalid of requests and responses`,
    verdicts.flat().join() === counted,
    () => counted,
  );
  const named = metrics.value('plumbline_consumer_requests_total', { consumer: 'shop-window' });
  hold(`callers from the cluster's range are believed who they are: ${named} requests`, named === 4);
  return good.length + bad.length;
}

/** The pod is deleted while requests are in flight; new ones come until the Service has seen it. */
async function holdEnd(pod: PlayedPod, sentBefore: number): Promise<void> {
  const port = trafficPort(pod);
  let answered = 0;
  // They outlast the hook of the app: it is told to end while they are with it.
  const slow = Array.from({ length: 10 }, (_, i) =>
    ask(pod.ip, port, `/v1/orders/n${i}?ms=${LINGERS * 1000 + 1000 + i * 100}`).finally(() => (answered += 1)),
  );
  while ((await metricsOf(pod)).value('plumbline_requests_in_flight') < slow.length) {
    if (answered > 0) throw new Error(`${slow.length} slow requests were never in flight at once\n${pod.story}`);
    await passing(20);
  }
  const gone = pod.delete();
  const late: Asked[] = [];
  let tooLate = 0;
  while (pod.at('app: SIGTERM') === undefined) {
    const answer = await ask(pod.ip, port, '/v1/orders/late');
    // One that is under way when the app is told to end may find nobody there: that is the app's doing.
    if (pod.at('app: SIGTERM') === undefined) late.push(answer);
    else tooLate += 1;
    await passing(25);
  }
  const ended = await Promise.all(slow);
  await gone;
  hold(
    `${ended.length} requests in flight when the pod is deleted end well`,
    ended.every(({ status }) => status === 200),
    () => said(ended),
  );
  hold(`${late.length} that come while the app goes on are served`, late.length > 10 && late.every(({ status }) => status === 200), () =>
    said(late),
  );
  holdRetired(pod);
  holdOrder(pod);
  const log = sidecarOf(pod).log;
  const lines = log.match(/"msg":"exchange"/g)?.length ?? 0;
  const sent = sentBefore + ended.length + late.length + tooLate;
  hold(`each of ${sent} requests has its line in the log, down to the last`, lines === sent, () => `${lines} lines\n${log.slice(-2000)}`);
}

function holdRetired(pod: PlayedPod): void {
  const hook = pod.at('plumbline: preStop done');
  hold('it hears at once that the pod ends', hook !== undefined && hook < (pod.at('plumbline: SIGTERM') ?? 0), () => pod.story);
}

function holdOrder(pod: PlayedPod): void {
  const [app = 0, term = 0, end = 0] = ['app: ended with 0', 'plumbline: SIGTERM', 'plumbline: ended with 0'].map((what) => pod.at(what));
  hold(
    `the app ends with 0, then the sidecar is told to, and ends with 0 in ${(end - term).toFixed(0)} ms`,
    app > 0 && app <= term && term < end,
    () => pod.story,
  );
}

export function said(answers: readonly Asked[]): string {
  return answers.map(({ status, text }) => `${status} ${text.slice(0, 300)}`).join('\n');
}

export function passing(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
