/** Every name that an injection puts into a pod or reads from it. Users, dashboards and the chart speak them: they stay as they are. */

export const PREFIX = 'plumbline.dev/';

/** Label of a pod (template) or a namespace: `enabled` or `disabled`. A pod's `disabled` always wins. */
export const INJECT_LABEL = `${PREFIX}inject`;

/** Annotation that an injection leaves behind: what it has done, so that it can be undone. */
export const INJECTED = `${PREFIX}injected`;

/** What a pod (template) may say of its sidecar. */
export const ANNOTATIONS = {
  config: `${PREFIX}config`,
  contract: `${PREFIX}contract`,
  api: `${PREFIX}api`,
  port: `${PREFIX}port`,
  enforce: `${PREFIX}enforce`,
  owner: `${PREFIX}owner`,
  log: `${PREFIX}log`,
  image: `${PREFIX}image`,
  cpuRequest: `${PREFIX}cpu-request`,
  cpuLimit: `${PREFIX}cpu-limit`,
  memoryRequest: `${PREFIX}memory-request`,
  memoryLimit: `${PREFIX}memory-limit`,
} as const;

/** The cluster autoscaler leaves a node alone whose pods have an emptyDir that is not named here: a comma-separated list of volumes. */
export const EVICTABLE_VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';

export const CONTAINER = 'plumbline';
export const CONFIG_VOLUME = 'plumbline-config';
export const STATE_VOLUME = 'plumbline-state';

/** Name of the port for probes and metrics; a PodMonitor scrapes it by this name. */
export const PROBES_PORT = 'plumbline';

/** Name of the traffic port where the app's own has none that could be taken over. */
export const TRAFFIC_PORT = 'http';
export const OTHER_TRAFFIC_PORT = 'plumbline-http';

export const CONFIG_DIR = '/etc/plumbline';
export const CONFIG_KEY = 'plumbline.yaml';
export const CONTRACT_KEY = 'openapi.yaml';
export const STATE_DIR = '/var/lib/plumbline';

/** The variable that holds a whole configuration (docs/configuration.md). */
export const CONFIG_VARIABLE = 'PLUMBLINE_CONFIG_YAML';

/** Numbers that are preferred; where the pod uses one itself, 100, 200 … more. */
export const TRAFFIC_NUMBER = 7080;
export const ADMIN_NUMBER = 7090;
export const PROBES_NUMBER = 7091;
