import { type Value, choice, integer, leaf, list, section, word } from '../describe.ts';
import { DNS_LABEL, DNS_SUBDOMAIN, closed, unlessEmpty } from '../forms.ts';
import { resourcesOf } from './gateway.ts';
import { labelSelector } from './pods.ts';
import { disruption, scheduling, serviceAccount } from './standalone.ts';

const issuer = closed(
  { name: { type: 'string', pattern: DNS_SUBDOMAIN }, kind: { enum: ['Issuer', 'ClusterIssuer'] }, group: { type: 'string' } },
  ['name'],
);

const certificates: Value = section('Where the certificate of the webhook comes from.', {
  from: choice(
    '`self-signed`: the injector makes and renews it itself, in a Secret of this namespace, and writes its CA into the webhook configuration. `cert-manager`: a Certificate of cert-manager. `secret`: a Secret that is there.',
    'self-signed',
    ['self-signed', 'cert-manager', 'secret'],
  ),
  issuerRef: leaf('Of `cert-manager`: the issuer. Empty: a CA of this chart.', {}, '`{ name, kind, group }`', unlessEmpty(issuer)),
  secretName: word('Of `secret`: its name, with `tls.crt` and `tls.key`.', '', 'name of a Secret', DNS_SUBDOMAIN),
  caBundle: leaf('Of `secret`: the CA in base64, which the API server believes.', '', 'base64', {
    type: 'string',
    pattern: '^[A-Za-z0-9+/]*={0,2}$',
  }),
});

const webhook: Value = section('The admission webhook: a Deployment of `plumbline injector`.', {
  replicas: integer('Pods.', 2, [1, 20]),
  failurePolicy: choice(
    '`Ignore`: where no injector answers, pods start without a sidecar. `Fail`: then no pod that would get one starts.',
    'Ignore',
    ['Ignore', 'Fail'],
  ),
  onRefused: choice(
    'What becomes of a pod whose annotations are wrong. `allow`: it starts without a sidecar, with a warning. `deny`: it is not created.',
    'allow',
    ['allow', 'deny'],
  ),
  timeoutSeconds: integer('How long the API server waits for an answer.', 5, [1, 30]),
  reinvocationPolicy: choice('`IfNeeded`: asked again where a later webhook has changed the pod.', 'IfNeeded', ['IfNeeded', 'Never']),
  namespaceSelector: leaf('Namespaces that are looked at, besides what the labels say. Empty: all.', {}, 'label selector', labelSelector),
  objectSelector: leaf('Pods that are looked at, besides what the labels say. Empty: all.', {}, 'label selector', labelSelector),
  certificates,
  podDisruptionBudget: disruption(),
  terminationGracePeriodSeconds: integer('How long what is in flight may take at the end.', 30, [1, 300]),
  resources: resourcesOf({ requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '384Mi' } }, 'What each pod is given.'),
  serviceAccount: serviceAccount(
    'Its ServiceAccount. With `self-signed` it may change one Secret and one webhook configuration; else it has no token.',
  ),
  ...scheduling(),
});

/** `settings`: what pods get, from the code that reads the settings file. */
export function injection(settings: Value): Value {
  return section(
    'Sidecars for pods that ask for one by label, `plumbline.dev/inject: enabled` on the pod or its namespace, without a change of their manifests.',
    {
      kind: choice(
        '`webhook`: an admission webhook. `policy`: a MutatingAdmissionPolicy, without a server of ours (Kubernetes 1.36; before that where its feature gate is on). `none`: no injection.',
        'none',
        ['none', 'webhook', 'policy'],
      ),
      excludeNamespaces: list('Namespaces that are never looked at.', 'list of names', { type: 'string', pattern: DNS_LABEL }, [
        'kube-system',
        'kube-node-lease',
        'kube-public',
      ]),
      settings,
      webhook,
      policy: section('The MutatingAdmissionPolicy.', {
        apiVersion: choice('Version of its API. Empty: the newest that the cluster has.', '', ['', 'v1', 'v1beta1', 'v1alpha1']),
      }),
    },
  );
}
