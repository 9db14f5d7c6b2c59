/** The same sidecar by chart and by `plumbline inject`: one pod without, injected, against the one that the chart renders. */
import { isDeepStrictEqual } from 'node:util';
import { applyEdits } from '../../src/inject/edit.ts';
import { injectPod } from '../../src/inject/inject.ts';
import { EVICTABLE_VOLUMES } from '../../src/inject/names.ts';
import { parseInjectSettings } from '../../src/inject/settings.ts';
import { at } from './checks/manifest.ts';

export interface Twin {
  readonly name: string;
  /** `sidecar` of the chart's values. */
  readonly sidecar: Readonly<Record<string, unknown>>;
  readonly image?: Readonly<Record<string, unknown>>;
  /** Settings of `inject` that mean the same. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly kube?: string;
  readonly consumer?: 'bare';
  /** More of the pod, as its owner wrote it. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

const contract = { contract: 'billing-contract', api: 'billing' };
const team = { owner: 'billing' };

export const TWINS: readonly Twin[] = [
  { name: 'as it comes', sidecar: {}, settings: { ...contract, ...team } },
  { name: 'enforcing requests', sidecar: { enforce: 'request' }, settings: { ...contract, ...team, enforce: 'request' } },
  { name: 'enforcing both', sidecar: { enforce: 'both' }, settings: { ...contract, ...team, enforce: 'both' } },
  { name: 'a plain container', sidecar: {}, kube: '1.27.3', settings: { ...contract, ...team, form: 'legacy' } },
  { name: 'a plain container by name', sidecar: { form: 'legacy' }, settings: { ...contract, ...team, form: 'legacy' } },
  {
    name: 'no owner, no log, other peers',
    sidecar: { owner: '', log: 'off', trustedPeers: ['10.0.0.0/8'] },
    settings: { ...contract, log: 'off', trustedPeers: ['10.0.0.0/8'] },
  },
  {
    name: 'more of everything',
    sidecar: { resources: { requests: { cpu: '200m', memory: '256Mi' }, limits: { cpu: '2', memory: '1Gi' } } },
    settings: { ...contract, ...team, resources: { requests: { cpu: '200m', memory: '256Mi' }, limits: { cpu: '2', memory: '1Gi' } } },
  },
  {
    name: 'another image',
    sidecar: {},
    image: { repository: 'registry.example/plumbline', tag: '2.0.0', pullPolicy: 'Always' },
    settings: { ...contract, ...team, image: 'registry.example/plumbline:2.0.0', imagePullPolicy: 'Always' },
  },
  {
    name: 'little time at the end',
    sidecar: { terminationGracePeriodSeconds: 12 },
    spec: { terminationGracePeriodSeconds: 12 },
    settings: { ...contract, ...team },
  },
  {
    name: 'a plain container with little time at the end',
    sidecar: { form: 'legacy', terminationGracePeriodSeconds: 9 },
    spec: { terminationGracePeriodSeconds: 9 },
    settings: { ...contract, ...team, form: 'legacy' },
  },
  { name: 'a whole configuration', sidecar: { configFrom: { configMap: 'mine' } }, consumer: 'bare', settings: { config: 'mine' } },
];

/** What differs, empty where nothing does. `bare` and `rendered`: templates of the pod without and with the sidecar. */
export function differences({ settings: written, spec = {} }: Twin, bare: unknown, rendered: unknown): string[] {
  const { settings, problems } = parseInjectSettings(written);
  if (settings === undefined) return [`the settings are wrong: ${problems[0]?.message}`];
  const pod = { ...(bare as object), spec: { ...(at(bare, 'spec') as object), ...spec } };
  const injected = injectPod(pod, { kind: 'Deployment', name: 'billing', namespace: 'shop', isJob: false }, settings);
  if (injected.is !== 'injected') return [`inject says ${injected.is}: ${'reason' in injected ? injected.reason : injected.why}`];
  const wanted = applyEdits(pod, injected.edits);
  const annotation = (of: unknown): unknown => at(of, 'metadata', 'annotations', EVICTABLE_VOLUMES);
  return [
    ...unlike('spec', at(wanted, 'spec'), { ...(at(rendered, 'spec') as object), ...spec }),
    ...unlike(`annotation ${EVICTABLE_VOLUMES}`, annotation(wanted), annotation(rendered)),
  ];
}

/** The places where two values differ; both sides of each. */
function unlike(path: string, wanted: unknown, found: unknown): string[] {
  if (isDeepStrictEqual(wanted, found)) return [];
  const isBranch = typeof wanted === 'object' && wanted !== null && typeof found === 'object' && found !== null;
  if (!isBranch) return [`${path}: inject has ${JSON.stringify(wanted)}, the chart ${JSON.stringify(found)}`];
  const keys = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...keys].flatMap((key) => unlike(`${path}.${key}`, at(wanted, key), at(found, key)));
}
