import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { exampleIn } from '../../chart/consumers.ts';
import { Helm } from '../../chart/helm.ts';
import { root } from '../../lint/tree.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import { configMapsOf, podsOf } from '../kubelet/readable.ts';
import { type AskOptions, type Asked, ask, metricsOf, trafficPort } from './ask.ts';
import { hold } from './checks.ts';
import { NO_ORDER, READY_MS, holdProbes, said } from './life.ts';
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

/** What is asked of a pod, and how it is answered in report and where all is enforced. */
interface Trial {
  readonly path: string;
  readonly options?: AskOptions;
  readonly report: number;
  readonly enforced: number;
}

const ORDERS: readonly Trial[] = [
  { path: '/v1/orders/n1', report: 200, enforced: 200 },
  { path: '/v1/orders', options: { method: 'POST', body: NO_ORDER }, report: 201, enforced: 422 },
  { path: '/v1/orders/odd1', report: 200, enforced: 502 },
];

/** The service of the example answers 200 to everything, with a page of payments that its contract does not allow. */
const PAYMENTS: readonly Trial[] = [
  { path: '/v1/payments?account_id=acct_123', report: 200, enforced: 502 },
  { path: '/v1/payments?account_id=', report: 200, enforced: 422 },
];

const ENFORCE = ['none', 'both'] as const;
type Enforce = (typeof ENFORCE)[number];

/** Text in, text out, as in a pipeline: what the command line prints is played as it stands. */
export async function commandLine(kubelet: Kubelet): Promise<void> {
  for (const enforce of ENFORCE) {
    const args = [join(root, 'bin/plumbline.js'), 'inject', '--enforce', enforce, '-'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { input: DEPLOYMENT, encoding: 'utf8' });
    hold(`plumbline inject --enforce ${enforce} takes a Deployment`, status === 0, () => stderr);
    await play(kubelet, stdout, 'orders', ORDERS, enforce);
  }
}

/** The chart of a service that depends on ours, with its contract: what Helm renders is played as it stands. */
export async function chart(kubelet: Kubelet): Promise<void> {
  const helm = new Helm();
  try {
    if (helm.available() === undefined) return console.log('skipped: what the chart renders: helm is not installed');
    const example = exampleIn(helm.folder);
    for (const enforce of ENFORCE) {
      const { ok, text, said } = helm.template({ chart: example, values: { plumbline: { sidecar: { enforce } } } });
      hold(`helm renders the chart of a service with our sidecar, enforce: ${enforce}`, ok, () => said);
      await play(kubelet, text, 'billing', PAYMENTS, enforce);
    }
  } finally {
    helm.end();
  }
}

async function play(kubelet: Kubelet, yaml: string, name: string, trials: readonly Trial[], enforce: Enforce): Promise<void> {
  for (const [map, keys] of configMapsOf(yaml)) kubelet.configMap(map, keys);
  const spec = podsOf(yaml).get(name);
  if (spec === undefined) throw new Error(`there is no pod of ${name} in\n${yaml}`);
  const pod = kubelet.run(spec);
  await pod.until(() => pod.ready, 'ready', READY_MS);
  await holdProbes(pod);
  const answers: Asked[] = [];
  for (const { path, options } of trials) answers.push(await ask(pod.ip, trafficPort(pod), path, options));
  const wanted = trials.map((trial) => (enforce === 'both' ? trial.enforced : trial.report)).join();
  hold(
    `its pod proxies, enforce: ${enforce}: ${answers.map(({ status }) => status).join()}`,
    answers.map(({ status }) => status).join() === wanted,
    () => `${wanted} was to come\n${said(answers)}`,
  );
  const metrics = await metricsOf(pod);
  const judged = ['valid', 'invalid'].map((outcome) =>
    metrics.value('plumbline_contract_checks_total', { api: name, side: 'request', outcome }),
  );
  hold(`and judges: ${judged.join()} requests valid and invalid`, judged.join() === `${trials.length - 1},1`, () => pod.story);
  await pod.delete();
  const codes = pod.slots.map(({ lastCode }) => lastCode).join();
  hold(`and ends with ${codes}`, codes === '0,0', () => pod.story);
}
