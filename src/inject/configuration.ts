import type { Drain } from './drain.ts';
import { ADMIN_NUMBER, CONFIG_DIR, PROBES_NUMBER, STATE_DIR } from './names.ts';
import type { Numbers } from './numbers.ts';
import type { InjectSettings } from './settings.ts';
import type { ContractRef } from './settings-values.ts';

export interface Configured extends Pick<InjectSettings, 'enforce' | 'owner' | 'log' | 'trustedPeers'> {
  readonly api: string;
  readonly contract: ContractRef;
  /** Where the app listens, on loopback too: containers of a pod share their network. */
  readonly appNumber: number;
  readonly numbers: Numbers;
  readonly drain: Drain | undefined;
}

/** The directory that a contract's ConfigMap is mounted at. */
export function contractDir(api: string): string {
  return `${CONFIG_DIR}/contracts/${api}`;
}

/**
 * The whole configuration of a sidecar (docs/configuration.md). Nothing in it has a `$`, which Kubernetes would take for a variable's in
 * `$(NAME)` and Plumbline in `${NAME}`; what people name is in quotes, as an API may be called `true`.
 */
export function configurationText({ api, contract, appNumber, numbers, drain, enforce, owner, log, trustedPeers }: Configured): string {
  const mode = (side: 'request' | 'response'): string => (enforce === side || enforce === 'both' ? 'enforce' : 'report');
  const lines = [
    `service: { name: ${quoted(api)} }`,
    // The API, which is off loopback only behind a token, stays inside the pod.
    numbers.admin === ADMIN_NUMBER ? undefined : `admin: { port: ${numbers.admin} }`,
    numbers.probes === PROBES_NUMBER ? 'probes: {}' : `probes: { port: ${numbers.probes} }`,
    drain === undefined ? undefined : `drain: { delay: ${drain.delay}s, grace: ${drain.grace}s }`,
    `trust: { peers: [${trustedPeers.map(quoted).join(', ')}] }`,
    log === 'stdout' ? undefined : `telemetry: { accessLog: ${log} }`,
    `state: { dir: ${STATE_DIR} }`,
    'contracts:',
    `  ${quoted(api)}:`,
    `    openapi: ${contractDir(api)}/${contract.key}`,
    // Without a contract nothing could be enforced; where nothing is, traffic passes and the metrics say that it was not judged.
    `    onError: ${enforce === 'none' ? 'proxy' : 'exit'}`,
    owner === undefined ? undefined : `    owner: { team: ${quoted(owner)} }`,
    'listeners:',
    `  ingress: { direction: ingress, port: ${numbers.traffic} }`,
    'routes:',
    `  - name: ${quoted(api)}`,
    '    listener: ingress',
    `    upstream: http://127.0.0.1:${appNumber}`,
    `    contract: ${quoted(api)}`,
    enforce === 'none' ? undefined : `    policies: { contract: { request: ${mode('request')}, response: ${mode('response')} } }`,
  ];
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`;
}

/** A double-quoted scalar of YAML 1.2 §7.3.1; JSON's strings are such. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
