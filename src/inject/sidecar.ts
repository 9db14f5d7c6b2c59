import { contractDir } from './configuration.ts';
import { RETIRE_COMMAND } from './image.ts';
import { CONFIG_DIR, CONFIG_KEY, CONFIG_VARIABLE, CONFIG_VOLUME, CONTAINER, PROBES_PORT, STATE_DIR, STATE_VOLUME } from './names.ts';
import type { Numbers } from './numbers.ts';
import type { Wishes } from './wishes.ts';

type Value = Readonly<Record<string, unknown>>;

/**
 * The container. `configuration`: its text; undefined where a ConfigMap has it, which the image's own command reads. `args`, never `command`: the
 * image's entry point has flags that V8 must be told before it runs.
 */
export function sidecar(wishes: Wishes, numbers: Numbers, configuration: string | undefined, user: Value): Value {
  const { image, imagePullPolicy, form, resources, api } = wishes;
  return {
    name: CONTAINER,
    image,
    ...(imagePullPolicy !== undefined && { imagePullPolicy }),
    ...(form === 'native' && { restartPolicy: 'Always' }),
    ...(configuration !== undefined && { args: ['run'], env: [{ name: CONFIG_VARIABLE, value: configuration }] }),
    ports: [{ name: PROBES_PORT, containerPort: numbers.probes, protocol: 'TCP' }],
    resources: {
      requests: resources.requests,
      limits: { ...(resources.limits.cpu !== undefined && { cpu: resources.limits.cpu }), memory: resources.limits.memory },
    },
    // By number: Istio reads probes of init containers as if all ports were numbers. Of a native sidecar the app's start waits for the first: two
    // minutes, also on a node that is busy with other starts.
    startupProbe: { httpGet: { path: '/startupz', port: numbers.probes }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120 },
    readinessProbe: { httpGet: { path: '/readyz', port: numbers.probes }, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
    // A restart cuts what is in flight: only for one that has said nothing for a minute.
    livenessProbe: { httpGet: { path: '/healthz', port: numbers.probes }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    // A native sidecar hears of the end by SIGTERM when the app is gone. Hooks run when the pod begins to end: who calls is let go of while the app still answers.
    ...(form === 'native' && {
      lifecycle: {
        preStop: {
          exec: { command: [...RETIRE_COMMAND, ...(configuration === undefined ? ['--config', `${CONFIG_DIR}/${CONFIG_KEY}`] : [])] },
        },
      },
    }),
    // What it said last stands in the pod's status where it could not start.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    // The restricted Pod Security Standard, whatever the pod says for its other containers.
    securityContext: {
      runAsNonRoot: true,
      ...user,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: CONFIG_VOLUME, mountPath: configuration === undefined ? CONFIG_DIR : contractDir(api), readOnly: true },
      { name: STATE_VOLUME, mountPath: STATE_DIR },
    ],
  };
}

/**
 * Directories, never single files: the kubelet swaps a directory whole when its ConfigMap changes, and a file mounted by `subPath` never. A missing
 * contract keeps no pod from starting unless it is enforced; a missing configuration does: without it nothing could pass.
 */
export function volumes({ config, contract, enforce }: Wishes): readonly [Value, Value] {
  const source = config !== undefined ? { name: config } : { name: contract?.configMap, ...(enforce === 'none' && { optional: true }) };
  return [
    { name: CONFIG_VOLUME, configMap: source },
    { name: STATE_VOLUME, emptyDir: { sizeLimit: '64Mi' } },
  ];
}
