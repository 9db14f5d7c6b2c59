import type { Kubelet } from '../kubelet/kubelet.ts';
import { type Asked, ask, sidecarOf, sidecarPort, trafficPort } from './ask.ts';
import { hold } from './checks.ts';
import { READY_MS, said } from './life.ts';
import { injectedPod } from './pods.ts';

/** A plain container beside the app hears SIGTERM when the app does: `drain.delay` keeps it serving until Services have seen it. */
export async function legacyLife(kubelet: Kubelet): Promise<void> {
  const pod = kubelet.run(injectedPod('orders-legacy', { form: 'legacy', lingers: 8 }));
  await pod.until(() => pod.ready, 'ready', READY_MS);
  const port = trafficPort(pod);
  hold('it is a container beside the app, ready, and proxies', (await ask(pod.ip, port, '/v1/orders/n1')).status === 200, () => pod.story);
  const gone = pod.delete();
  await pod.until(() => pod.at('plumbline: SIGTERM') !== undefined, 'told to end', 5000);
  const served: Asked[] = [];
  const ready: Asked[] = [];
  for (const from = performance.now(); performance.now() - from < 4000; ) {
    served.push(await ask(pod.ip, port, '/v1/orders/late'));
    ready.push(await ask(pod.ip, sidecarPort(pod, 'plumbline'), '/readyz'));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const inFlight = ask(pod.ip, port, '/v1/orders/n2?ms=2500');
  hold(
    `${served.length} requests in four seconds after its SIGTERM are served`,
    served.every(({ status }) => status === 200),
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
  const [term = 0, end = 0] = [pod.at('plumbline: SIGTERM'), pod.at('plumbline: ended with 0')];
  hold(
    `it ends with 0, ${((end - term) / 1000).toFixed(1)} s after its SIGTERM`,
    end - term > 5000 && end - term < 12_000,
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
