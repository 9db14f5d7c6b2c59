import { applyEdits } from '../../../src/inject/edit.ts';
import { DEFAULT_IMAGE } from '../../../src/inject/image.ts';
import { injectPod } from '../../../src/inject/inject.ts';
import { DEFAULT_SETTINGS, type InjectSettings } from '../../../src/inject/settings.ts';
import type { Pod } from '../kubelet/pod-spec.ts';
import { readPod } from '../kubelet/readable.ts';

/** As the specs call them. */
export const SIDECAR_IMAGE: string = DEFAULT_IMAGE;
export const APP_IMAGE = 'registry.example/orders:1';

/** The ConfigMap that has the contract. */
export const CONTRACT_MAP = 'orders-contract';

export interface Wanted {
  readonly form?: InjectSettings['form'];
  readonly enforce?: InjectSettings['enforce'];
  /** How long the app goes on after the pod has begun to end, in seconds: what Services take to see it. */
  readonly lingers?: number;
  /** It is a Job's: it ends by itself, with that code. */
  readonly job?: { readonly ms: number; readonly code: number };
  readonly log?: InjectSettings['log'];
  /** Whether kubelet asks the app: one that takes connections on loopback alone would never be ready. */
  readonly probed?: boolean;
}

/** The pod of a service as its people wrote it, with Plumbline beside it as `inject` puts it there. */
export function injectedPod(
  name: string,
  { form = 'native', enforce = 'none', lingers, job, log = 'stdout', probed = job === undefined }: Wanted = {},
): Pod {
  const pod: Pod = {
    metadata: {
      name,
      namespace: 'shop',
      labels: { app: 'orders' },
      annotations: { 'plumbline.dev/contract': CONTRACT_MAP, 'plumbline.dev/api': 'orders', 'plumbline.dev/owner': 'orders' },
    },
    spec: {
      containers: [
        {
          name: 'app',
          image: APP_IMAGE,
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [{ name: 'PORT', value: '8080' }, ...(job === undefined ? [] : [{ name: 'WORK', value: `${job.ms} ${job.code}` }])],
          ...(probed && { readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 } }),
          ...(lingers !== undefined && { lifecycle: { preStop: { sleep: { seconds: lingers } } } }),
        },
      ],
      ...(job !== undefined && { restartPolicy: 'Never' as const }),
    },
  };
  const where = { kind: job === undefined ? 'Deployment' : 'Job', name: 'orders', namespace: 'shop', isJob: job !== undefined };
  const injected = injectPod(pod as unknown as Parameters<typeof injectPod>[0], where, { ...DEFAULT_SETTINGS, form, enforce, log });
  if (injected.is !== 'injected') throw new Error(`not injected: ${JSON.stringify(injected)}`);
  return readPod(applyEdits(pod, injected.edits));
}
