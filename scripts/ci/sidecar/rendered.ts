import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { exampleIn } from '../../chart/consumers.ts';
import { Helm } from '../../chart/helm.ts';
import { root } from '../../lint/tree.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import { configMapsOf, podsOf } from '../kubelet/readable.ts';
import { ask, metricsOf, trafficPort } from './ask.ts';
import { hold } from './checks.ts';
import { READY_MS } from './life.ts';
import { APP_IMAGE, CONTRACT_MAP } from './pods.ts';

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: orders, namespace: shop }
spec:
  template:
    metadata: { annotations: { plumbline.dev/contract: ${CONTRACT_MAP} } } # all that its people say
    spec:
      containers:
        - name: app
          image: ${APP_IMAGE}
          env: [{ name: PORT, value: "8080" }]
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1 }
`;

/** Text in, text out, as in a pipeline: what the command line prints is played as it stands. */
export async function commandLine(kubelet: Kubelet): Promise<void> {
  const args = [join(root, 'bin/plumbline.js'), 'inject', '-'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { input: DEPLOYMENT, encoding: 'utf8' });
  hold('plumbline inject takes a Deployment', status === 0, () => stderr);
  await play(kubelet, stdout, 'orders', '/v1/orders/n1');
}

/** The chart of a service that depends on ours, with its contract: what Helm renders is played as it stands. */
export async function chart(kubelet: Kubelet): Promise<void> {
  const helm = new Helm();
  try {
    if (helm.available() === undefined) return console.log('skipped: what the chart renders: helm is not installed');
    const { ok, text, said } = helm.template({ chart: exampleIn(helm.folder), values: {} });
    hold('helm renders the chart of a service with our sidecar', ok, () => said);
    await play(kubelet, text, 'billing', '/v1/payments?account_id=acct_123');
  } finally {
    helm.end();
  }
}

async function play(kubelet: Kubelet, yaml: string, name: string, path: string): Promise<void> {
  for (const [map, keys] of configMapsOf(yaml)) kubelet.configMap(map, keys);
  const spec = podsOf(yaml).get(name);
  if (spec === undefined) throw new Error(`there is no pod of ${name} in\n${yaml}`);
  const pod = kubelet.run(spec);
  await pod.until(() => pod.ready, 'ready', READY_MS);
  const { status } = await ask(pod.ip, trafficPort(pod), path);
  const metrics = await metricsOf(pod);
  const judged = metrics.value('plumbline_contract_checks_total', { api: name, side: 'request', outcome: 'valid' });
  hold(`its pod proxies (${status}) and judges (${judged})`, status === 200 && judged === 1, () => pod.story);
  await pod.delete();
  const codes = pod.slots.map(({ lastCode }) => lastCode).join();
  hold(`and ends with ${codes}`, codes === '0,0', () => pod.story);
}
