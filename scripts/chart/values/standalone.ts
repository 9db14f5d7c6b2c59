import { type Value, choice, flag, integer, leaf, list, mapping, section, word } from '../describe.ts';
import { DNS_SUBDOMAIN, LABEL_KEY, LABEL_VALUE, annotations, labels } from '../forms.ts';
import { gateway, resourcesOf } from './gateway.ts';
import { affinity, spread, toleration } from './pods.ts';

/** Where the pods of a Deployment of this chart go. */
export function scheduling(): Readonly<Record<string, Value>> {
  return {
    nodeSelector: mapping('Labels that the node must have.', 'mapping: label → value', { type: 'string', pattern: LABEL_VALUE }, LABEL_KEY),
    tolerations: list('Taints that it may run in spite of.', 'list of tolerations', toleration),
    affinity: leaf('Where it is drawn to, and kept from.', {}, 'affinity', affinity),
    topologySpreadConstraints: list(
      'How its pods are spread. The selector is added.',
      'list of constraints, without `labelSelector`',
      spread,
      ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
      })),
    ),
    priorityClassName: word('Priority class. Empty: the default one.', '', 'name', DNS_SUBDOMAIN),
    podLabels: leaf('Further labels of its pods.', {}, 'mapping: label → value', labels),
    podAnnotations: leaf('Annotations of its pods.', {}, 'mapping: annotation → text', annotations),
  };
}

export function serviceAccount(text: string): Value {
  return section(text, {
    create: flag('`false`: the one that `name` says is there.', true),
    name: word('Its name. Empty: as the Deployment, or `default` where none is created.', '', 'name', DNS_SUBDOMAIN),
    annotations: leaf('Its annotations.', {}, 'mapping: annotation → text', annotations),
  });
}

export function disruption(): Value {
  return section('How many of its pods may be taken away at a time. Only where there is more than one.', {
    enabled: flag('Whether there is a PodDisruptionBudget.', true),
    maxUnavailable: leaf('Number or share.', 1, 'number or percentage', {
      anyOf: [
        { type: 'integer', minimum: 1 },
        { type: 'string', pattern: '^([1-9][0-9]?|100)%$' },
      ],
    }),
  });
}

export const standalone: Value = section('A gateway of its own, in front of a service that runs elsewhere: Deployment and Service.', {
  enabled: flag('Whether there is one.', false),
  upstream: word(
    'The service: `http://billing.shop.svc:8080`.',
    '',
    'URL',
    '^http://[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?$',
  ),
  preserveHost: flag("Whether the caller's `Host` is sent on; `false`: the upstream's own.", true),
  ...gateway('`upstream`, `preserveHost`, `api`, `enforce`, `owner`, `log` and `trustedPeers`'),
  replicas: integer('Pods, unless they are scaled.', 2, [0, 1000]),
  autoscaling: section('A HorizontalPodAutoscaler.', {
    enabled: flag('Whether there is one.', false),
    minReplicas: integer('At least.', 2, [1, 1000]),
    maxReplicas: integer('At most.', 10, [1, 1000]),
    targetCPUUtilizationPercentage: integer('Share of the CPU that was asked for, above which there are more.', 70, [1, 1000]),
  }),
  podDisruptionBudget: disruption(),
  service: section('Its Service.', {
    type: choice('Its type.', 'ClusterIP', ['ClusterIP', 'NodePort', 'LoadBalancer']),
    port: integer('Its port.', 80, [1, 65_535]),
    annotations: leaf('Its annotations.', {}, 'mapping: annotation → text', annotations),
    externalTrafficPolicy: choice(
      "For NodePort and LoadBalancer: `Local` keeps the client's address, `Cluster` hides it, and it looks like the inside.",
      'Local',
      ['Local', 'Cluster'],
    ),
  }),
  terminationGracePeriodSeconds: integer(
    'At SIGTERM connections are still accepted for 5 s, until every node has heard that the pod goes; what is in flight may run for the rest, but two. Below 22 s it is a quarter in place of the 5 s.',
    35,
    [1, 3600],
  ),
  resources: resourcesOf({ requests: { cpu: '100m', memory: '192Mi' }, limits: { memory: '384Mi' } }, 'What each pod is given.'),
  serviceAccount: serviceAccount('Its ServiceAccount, without a token: it never asks the API server.'),
  ...scheduling(),
});
