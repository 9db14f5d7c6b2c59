import {
  type Fault,
  type Infer,
  type Issue,
  Issues,
  type Path,
  type Schema,
  checked,
  checkedParts,
  choice,
  defaulted,
  list,
  object,
  optional,
} from '../core/schema.ts';
import { printable } from '../core/schema/show.ts';
import { addressBlock } from '../config/values.ts';
import { DEFAULT_IMAGE } from './image.ts';
import { amountOf, cpuLimit, cpuRequest, memoryLimit, memoryRequest } from './quantity.ts';
import { apiName, configMapName, contractRef, image, owner, port } from './settings-values.ts';

/** `none`: report only. */
export const ENFORCE = ['none', 'request', 'response', 'both'] as const;
export const LOG = ['stdout', 'off'] as const;

/** Loopback, RFC 1918, RFC 6598 and RFC 4193: where callers in a cluster come from. */
export const PRIVATE_PEERS = ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

const quantities = object({
  requests: defaulted(
    object({
      cpu: defaulted(cpuRequest, '50m', 'CPU that is set aside.'),
      memory: defaulted(memoryRequest, '128Mi', 'Memory that is set aside.'),
    }),
    {},
    'What the scheduler sets aside.',
  ),
  limits: defaulted(
    object({
      cpu: optional(cpuLimit, 'Absent: no limit. With one, traffic waits whenever it is reached.'),
      memory: defaulted(memoryLimit, '256Mi', 'Beyond it the sidecar is killed and started again.'),
    }),
    {},
    'What it may take at most.',
  ),
});

export type SidecarResources = Infer<typeof quantities>;

/** A request above its limit: the API server would refuse the pod. */
export interface AboveLimit {
  readonly of: 'cpu' | 'memory';
  readonly request: string;
  readonly limit: string;
}

export function requestsAboveLimits({ requests, limits }: SidecarResources): AboveLimit[] {
  return (['cpu', 'memory'] as const).flatMap((of) => {
    const [request, limit] = [requests[of], limits[of]];
    return limit !== undefined && amountOf(request) > amountOf(limit) ? [{ of, request, limit }] : [];
  });
}

const resources: Schema<SidecarResources> = checked(quantities, (read) => {
  const [above] = requestsAboveLimits(read);
  if (above === undefined) return undefined;
  const { of, request, limit } = above;
  return { code: 'out_of_range', message: `${request} is more than the limit, ${limit}`, below: ['requests', of] };
});

const fields = object({
  image: defaulted(image, DEFAULT_IMAGE, 'Image of the sidecar.'),
  imagePullPolicy: optional(choice(['Always', 'IfNotPresent', 'Never']), 'Absent: as Kubernetes decides by the tag.'),
  form: defaulted(
    choice(['native', 'legacy']),
    'native',
    '`native`: an init container with `restartPolicy: Always` (Kubernetes 1.29). `legacy`: a container beside the app.',
  ),
  config: optional(configMapName, 'ConfigMap whose key `plumbline.yaml` is the whole configuration.'),
  contract: optional(contractRef, 'ConfigMap with the contract, `<ConfigMap>` (key `openapi.yaml`) or `<ConfigMap>/<key>`.'),
  api: optional(apiName, 'Name of the contract. Absent: the name of the workload.'),
  port: optional(port, 'Port of the app that is taken over, by name or number. Absent: `http`, else the only TCP port.'),
  enforce: defaulted(choice(ENFORCE), 'none', 'What is refused where it breaks the contract; `none`: report only.'),
  owner: optional(owner, 'Team that owns the API; label `owner` in metrics and alerts.'),
  log: defaulted(choice(LOG), 'stdout', 'Access log of the sidecar.'),
  trustedPeers: defaulted(
    list(addressBlock()),
    PRIVATE_PEERS,
    'Addresses whose consumer names, timeouts and forwarding headers are believed.',
  ),
  resources: defaulted(resources, {}, 'Resources of the sidecar.'),
});

/** What an injection does where a pod's annotations do not say otherwise. */
export type InjectSettings = Infer<typeof fields>;

/** What a configuration of the user's own says itself; with the value that says nothing. */
export const SAID_BY_CONFIG = { contract: undefined, api: undefined, enforce: 'none', owner: undefined, log: 'stdout' } as const;

function besideConfig(settings: InjectSettings): readonly (Fault & { readonly below: Path })[] {
  if (settings.config === undefined) return [];
  const named = (Object.keys(SAID_BY_CONFIG) as (keyof typeof SAID_BY_CONFIG)[]).filter((key) => settings[key] !== SAID_BY_CONFIG[key]);
  return [...named, ...(samePeers(settings.trustedPeers) ? [] : ['trustedPeers'])].map((key) => ({
    below: [key],
    code: 'not_allowed',
    message: `cannot go with \`config\`: the configuration in ${settings.config} says it itself`,
  }));
}

function samePeers(peers: readonly string[]): boolean {
  return peers.join() === PRIVATE_PEERS.join();
}

/** Of settings as people write them: a file, a chart's values, or flags put together. */
export const injectSettingsSchema: Schema<InjectSettings> = checkedParts(fields, besideConfig);

/** One thing that is wrong with settings. `path`: from the settings down, `[]` for the whole. `message` reads on after the place and has no full stop. */
export type SettingsProblem = Issue;

export type ParsedSettings =
  | { readonly settings: InjectSettings; readonly problems: readonly [] }
  | { readonly settings: undefined; readonly problems: readonly SettingsProblem[] };

/** Plain values to settings, `{}` to the defaults. Tells every problem at once and never throws, whatever the value. */
export function parseInjectSettings(written: unknown): ParsedSettings {
  const issues = new Issues();
  const settings = injectSettingsSchema.parse(written, [], issues);
  return issues.failed ? { settings: undefined, problems: issues.list } : { settings, problems: [] };
}

/** `resources.limits.cpu: "1x" is not a CPU quantity like 250m or 0.5 (did you mean …?)`: one line for people. `nameOf`: what a place is called, a flag perhaps. */
export function describeProblem(
  { path, message, suggestion, allowed, code }: SettingsProblem,
  nameOf: (path: Path) => string = (at) => at.join('.'),
): string {
  const place = nameOf(path);
  const hint =
    suggestion !== undefined ? `; did you mean ${suggestion}?` : code === 'unknown_key' ? `; possible: ${allowed?.join(', ')}` : '';
  return printable(`${place === '' ? 'the settings' : place}: ${message}${hint}`);
}

export const DEFAULT_SETTINGS: InjectSettings = fields.parse({}, [], new Issues());
