import type { Kubelet } from '../kubelet/kubelet.ts';
import { type Asked, ask, sidecarOf, sidecarPort, trafficPort } from './ask.ts';
import { hold } from './checks.ts';
import { READY_MS, said } from './life.ts';
import { injectedPod } from './pods.ts';

/** `drain.delay` as `inject` writes it. */
const DELAY_MS = 5000;
/** `drain.grace` beside it, by which it would have ended whatever was left. */
const GRACE_MS = 23_000;

/** A plain container beside the app hears SIGTERM when the app does: `drain.delay` keeps it serving until Services have seen it. */
export async function legacyLife(kubelet: Kubelet): Promise<void> {
  const pod = kubelet.run(injectedPod('orders-legacy', { form: 'legacy', lingers: 8 }));
  await pod.until(() => pod.ready, 'ready', READY_MS);
  const port = trafficPort(pod);
  hold('it is a container beside the app, ready, and proxies', (await ask(pod.ip, port, '/v1/orders/n1')).status === 200, () => pod.story);
  const gone = pod.delete();
  await pod.until(() => pod.at('plumbline: SIGTERM') !== undefined, 'told to end', 5000);
  const term = pod.at('plumbline: SIGTERM') as number;
  const inFlight = ask(pod.ip, port, `/v1/orders/n2?ms=${DELAY_MS + 1500}`);
  const served: Asked[] = [];
  const ready: Asked[] = [];
  let lastAtMs = 0;
  while (lastAtMs < 4000) {
    const [answer, probe] = [await ask(pod.ip, port, '/v1/orders/late'), await ask(pod.ip, sidecarPort(pod, 'plumbline'), '/readyz')];
    lastAtMs = performance.now() - term;
    // What this machine was too slow to ask in time says nothing.
    if (lastAtMs < DELAY_MS) {
      served.push(answer);
      ready.push(probe);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  hold(
    `${served.length} requests in four seconds after its SIGTERM are served`,
    served.length > 5 && served.every(({ status }) => status === 200),
    () => said(served),
  );
  hold(
    'and it is not ready meanwhile',
    ready.every(({ status }) => status === 503),
    () => said(ready),
  );
  const last = await inFlight;
  hold('what is in flight when the delay is over ends well', last.status === 200, () => said([last]));
  await gone;
  const end = pod.at('plumbline: ended with 0') ?? 0;
  hold(
    `it ends with 0, ${((end - term) / 1000).toFixed(1)} s after its SIGTERM`,
    end - term > DELAY_MS && end - term < DELAY_MS + GRACE_MS,
    () => pod.story,
  );
}

/** A Job is over when its own containers are: the sidecar must not keep it. */
export async function jobs(kubelet: Kubelet): Promise<void> {
  for (const code of [0, 3]) {
    const pod = kubelet.run(injectedPod(`work-${code}`, { job: { ms: 1500, code } }));
    await pod.until(() => pod.phase === 'Running', 'running', READY_MS);
    await pod.ended;
    const phase = code === 0 ? 'Succeeded' : 'Failed';
    const [done = 0, over = 0] = [pod.at(`app: ended with ${code}`), pod.at(`phase: ${phase}`)];
    const sidecar = sidecarOf(pod);
    hold(
      `a Job whose work ends with ${code} has ${phase} ${(over - done).toFixed(0)} ms later; the sidecar ended with ${sidecar.lastCode}`,
      pod.phase === phase && done > 0 && over >= done && sidecar.lastCode === 0 && pod.slot('app').restarts === 0,
      () => pod.story,
    );
  }
}
