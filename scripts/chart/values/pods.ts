/** What Kubernetes lets one say of where pods go, closed as everything here: a slip in a key is told before anything is applied. */
import type { JsonSchema } from '../describe.ts';
import { ADDRESS_BLOCK_WITH_LENGTH, DNS_SUBDOMAIN, LABEL_KEY, LABEL_VALUE, closed, labels, quantity } from '../forms.ts';

const text: JsonSchema = { type: 'string' };
const texts: JsonSchema = { type: 'array', items: text };
const weight: JsonSchema = { type: 'integer', minimum: 1, maximum: 100 };

const requirement = (operators: readonly string[]): JsonSchema =>
  closed({ key: { type: 'string', pattern: LABEL_KEY }, operator: { enum: operators }, values: texts }, ['key', 'operator']);

/** `LabelSelector` of apimachinery; empty: everything. */
export const labelSelector: JsonSchema = closed({
  matchLabels: labels,
  matchExpressions: { type: 'array', items: requirement(['In', 'NotIn', 'Exists', 'DoesNotExist']) },
});

export const toleration: JsonSchema = closed({
  key: text,
  operator: { enum: ['Exists', 'Equal'] },
  value: text,
  effect: { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] },
  tolerationSeconds: { type: 'integer', minimum: 0 },
});

const nodeTerm: JsonSchema = closed({
  matchExpressions: { type: 'array', items: requirement(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']) },
  matchFields: { type: 'array', items: requirement(['In', 'NotIn']) },
});

const podTerm: JsonSchema = closed(
  {
    labelSelector,
    namespaceSelector: labelSelector,
    namespaces: texts,
    topologyKey: { type: 'string', pattern: LABEL_KEY },
    matchLabelKeys: texts,
    mismatchLabelKeys: texts,
  },
  ['topologyKey'],
);

const podTerms: JsonSchema = closed({
  requiredDuringSchedulingIgnoredDuringExecution: { type: 'array', items: podTerm },
  preferredDuringSchedulingIgnoredDuringExecution: {
    type: 'array',
    items: closed({ weight, podAffinityTerm: podTerm }, ['weight', 'podAffinityTerm']),
  },
});

export const affinity: JsonSchema = closed({
  nodeAffinity: closed({
    requiredDuringSchedulingIgnoredDuringExecution: closed({ nodeSelectorTerms: { type: 'array', items: nodeTerm, minItems: 1 } }, [
      'nodeSelectorTerms',
    ]),
    preferredDuringSchedulingIgnoredDuringExecution: {
      type: 'array',
      items: closed({ weight, preference: nodeTerm }, ['weight', 'preference']),
    },
  }),
  podAffinity: podTerms,
  podAntiAffinity: podTerms,
});

export const spread: JsonSchema = closed(
  {
    maxSkew: { type: 'integer', minimum: 1 },
    minDomains: { type: 'integer', minimum: 1 },
    topologyKey: { type: 'string', pattern: LABEL_KEY },
    whenUnsatisfiable: { enum: ['DoNotSchedule', 'ScheduleAnyway'] },
    nodeAffinityPolicy: { enum: ['Honor', 'Ignore'] },
    nodeTaintsPolicy: { enum: ['Honor', 'Ignore'] },
    matchLabelKeys: texts,
  },
  ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
);

export const resources: JsonSchema = closed({
  requests: closed({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity }),
  limits: closed({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity }),
});

const block: JsonSchema = { type: 'string', pattern: ADDRESS_BLOCK_WITH_LENGTH };

/** `NetworkPolicyPeer`; the API server takes none that is empty. */
export const peer: JsonSchema = {
  ...closed({
    podSelector: labelSelector,
    namespaceSelector: labelSelector,
    ipBlock: closed({ cidr: block, except: { type: 'array', items: block } }, ['cidr']),
  }),
  minProperties: 1,
};

export const localReference: JsonSchema = closed({ name: { type: 'string', pattern: DNS_SUBDOMAIN } }, ['name']);

export const labelValue: JsonSchema = { type: 'string', pattern: LABEL_VALUE };
