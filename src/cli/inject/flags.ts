import type { Flag } from '../flags.ts';

/** What of a flag's name the gateway's own variables say already is left to them: `PLUMBLINE_PORT` is not meant for somebody's manifests. */
const RUN: Pick<Flag, 'noVariable'> = { noVariable: true };

/** How the sidecar is put in: each says a key of the settings. */
export const SETTINGS_FLAGS: readonly Flag[] = [
  { long: '--contract', value: '<ConfigMap[/key]>', text: 'ConfigMap with the contract (key: openapi.yaml), where a pod names none' },
  {
    long: '--config-map',
    value: '<ConfigMap>',
    text: 'ConfigMap with a whole configuration (key plumbline.yaml), in the place of a contract',
  },
  { long: '--api', value: '<name>', text: 'name of the API (default: that of each workload)', ...RUN },
  { long: '--port', value: '<name|number>', text: 'port of the app that is taken over (default: http, else the only one)', ...RUN },
  { long: '--enforce', value: '<side>', text: 'refuse what breaks the contract: request, response or both (default: none)', ...RUN },
  { long: '--owner', value: '<team>', text: 'team that owns the API, for metrics and alerts' },
  { long: '--log', value: '<where>', text: 'access log of the sidecar: stdout or off (default: stdout)' },
  { long: '--image', value: '<image>', text: 'image of the sidecar' },
  { long: '--image-pull-policy', value: '<policy>', text: 'Always, IfNotPresent or Never (default: as Kubernetes decides)' },
  { long: '--legacy', text: 'a plain container, for clusters before Kubernetes 1.29; not for Jobs' },
  { long: '--settings', value: '<file>', text: 'settings as the injector reads them (YAML); the flags above win' },
];

export const INJECT_FLAGS: readonly Flag[] = [
  ...SETTINGS_FLAGS,
  { long: '--uninject', text: 'take out what an injection has put in', noVariable: true },
  { long: '--in-place', short: '-i', text: 'write the files themselves, those that change', noVariable: true },
  { long: '--check', text: 'write nothing; exit code 1 where something would change', noVariable: true },
];
