import type { Asked } from './helm.ts';

/** Values that must be refused, and the words that tell why: what a person reads who has made this slip. */
export interface Refusal extends Pick<Asked, 'release' | 'kube'> {
  readonly name: string;
  /** By the schema, before anything is rendered; or by the templates, where it takes more than one value to see it. */
  readonly by: 'schema' | 'templates';
  readonly values: Readonly<Record<string, unknown>>;
  readonly words: readonly RegExp[];
}

const billing = { openapi: 'openapi: 3.1.0\ninfo: { title: Billing, version: 1.0.0 }\npaths: {}\n' };
const gateway = { enabled: true, upstream: 'http://billing.shop.svc:8080' };
const config = {
  listeners: { ingress: { port: 7080 } },
  routes: [{ name: 'billing', listener: 'ingress', upstream: 'http://127.0.0.1:3000' }],
};

const schema: readonly Omit<Refusal, 'by'>[] = [
  { name: 'a misspelt section', values: { standAlone: gateway }, words: [/additional properties 'standAlone' not allowed/] },
  {
    name: 'a misspelt key',
    values: { standalone: { ...gateway, replica: 3 } },
    words: [/\/standalone'/, /additional properties 'replica' not allowed/],
  },
  {
    name: 'an unknown form',
    values: { sidecar: { form: 'plain' } },
    words: [/\/sidecar\/form'/, /must be one of 'auto', 'native', 'legacy'/],
  },
  {
    name: 'a port beyond all ports',
    values: { sidecar: { port: 70_000 } },
    words: [/\/sidecar\/port'/, /maximum: got 70,?000, want 65,?535/],
  },
  { name: 'a port as text', values: { sidecar: { port: '3000' } }, words: [/\/sidecar\/port'/, /got string, want integer/] },
  {
    name: 'a port name with capitals',
    values: { sidecar: { portName: 'HTTP' } },
    words: [/\/sidecar\/portName'/, /'HTTP' does not match pattern/],
  },
  { name: 'a port name of 16 characters', values: { sidecar: { portName: 'http-of-billing-' } }, words: [/\/sidecar\/portName'/] },
  {
    name: 'an upstream without a scheme',
    values: { standalone: { enabled: true, upstream: 'billing:8080' } },
    words: [/\/standalone\/upstream'/, /does not match pattern/],
  },
  {
    name: 'an upstream over https',
    values: { standalone: { enabled: true, upstream: 'https://billing' } },
    words: [/\/standalone\/upstream'/],
  },
  {
    name: 'enforce as a boolean',
    values: { sidecar: { enforce: true } },
    words: [/\/sidecar\/enforce'/, /must be one of 'none', 'request', 'response', 'both'/],
  },
  {
    name: 'memory without a number',
    values: { sidecar: { resources: { limits: { memory: 'lots' } } } },
    words: [/\/sidecar\/resources\/limits\/memory'/, /'lots' does not match pattern/],
  },
  {
    name: 'a misspelt resource',
    values: { sidecar: { resources: { limits: { mem: '1Gi' } } } },
    words: [/additional properties 'mem' not allowed/],
  },
  {
    name: 'a contract with a misspelt key',
    values: { contracts: { billing: { openApi: 'x' } } },
    words: [/\/contracts\/billing'/, /'openApi' not allowed/],
  },
  {
    name: 'a contract whose name is a path',
    values: { contracts: { '../billing': billing } },
    words: [/\/contracts'/, /additional properties '\.\.\/billing' not allowed/],
  },
  { name: 'a digest that is none', values: { image: { digest: 'sha256:abc' } }, words: [/\/image\/digest'/, /does not match pattern/] },
  {
    name: 'an unknown kind of injection',
    values: { injection: { kind: 'istio' } },
    words: [/\/injection\/kind'/, /must be one of 'none', 'webhook', 'policy'/],
  },
  {
    name: 'a webhook that waits for a minute',
    values: { injection: { webhook: { timeoutSeconds: 60 } } },
    words: [/\/injection\/webhook\/timeoutSeconds'/, /maximum: got 60, want 30/],
  },
  {
    name: 'a setting of injected sidecars that is none',
    values: { injection: { settings: { enforcee: 'both' } } },
    words: [/\/injection\/settings'/, /'enforcee' not allowed/],
  },
  {
    name: 'a configuration without routes',
    values: { sidecar: { config: { listeners: {} } } },
    words: [/\/sidecar\/config'/, /missing property 'routes'/],
  },
  {
    name: 'a slip deep in a configuration',
    values: { sidecar: { config: { ...config, listeners: { ingress: { prot: 7080 } } } } },
    words: [/\/sidecar\/config\/listeners\/ingress'/, /'prot' not allowed/],
  },
  {
    name: 'a variable whose name is none',
    values: { sidecar: { env: { 'MY-VAR': 'x' } } },
    words: [/\/sidecar\/env'/, /'MY-VAR' not allowed/],
  },
  {
    name: 'a block of addresses that is none, which would keep the gateway from starting',
    values: { standalone: { ...gateway, trustedPeers: ['10.0.0.0/99'] } },
    words: [/\/standalone\/trustedPeers\/0'/, /'10\.0\.0\.0\/99' does not match pattern/],
  },
  ...Object.entries({
    trustedPeers: ['the inside'],
    contract: 'Billing Contract',
    port: 'HTTP',
    resources: { limits: { memory: 'lots' } },
  }).map(([key, value]) => ({
    name: `what a policy would put into every pod: a malformed setting, ${key}`,
    values: { injection: { kind: 'policy', settings: { [key]: value } } },
    words: [new RegExp(`/injection/settings/${key}`), /does not match pattern/],
  })),
  {
    name: 'a label with a space',
    values: { labels: { team: 'the shop' } },
    words: [/\/labels\/team'/, /'the shop' does not match pattern/],
  },
  {
    name: 'a label selector that is not closed',
    values: { podMonitor: { selector: { matchlabels: {} } } },
    words: [/\/podMonitor\/selector'/, /'matchlabels' not allowed/],
  },
  {
    name: 'a key with nothing behind it, without which the API server would keep pods from starting',
    values: { injection: { kind: 'webhook', webhook: { failurePolicy: null } } },
    words: [/\/injection\/webhook'/, /missing property 'failurePolicy'/],
  },
  {
    name: 'a section with nothing behind it',
    values: { contracts: { billing }, standalone: { ...gateway, service: null } },
    words: [/\/standalone'/, /missing property 'service'/],
  },
  {
    name: 'peers of a network policy that are nobody',
    values: { networkPolicy: { enabled: true, trafficFrom: [{}] } },
    words: [/\/networkPolicy\/trafficFrom\/0'/, /minProperties: got 0, want 1/],
  },
  {
    name: 'a block of addresses that has no length',
    values: { networkPolicy: { enabled: true, webhookFrom: [{ ipBlock: { cidr: '10.0.0.1' } }] } },
    words: [/\/networkPolicy\/webhookFrom\/0\/ipBlock\/cidr'/, /'10\.0\.0\.1' does not match pattern/],
  },
  {
    name: 'a whole disruption budget of zero',
    values: { standalone: { podDisruptionBudget: { maxUnavailable: 0 } } },
    words: [/\/standalone\/podDisruptionBudget\/maxUnavailable'/],
  },
];

const templates: readonly Omit<Refusal, 'by'>[] = [
  {
    name: 'a gateway without an upstream',
    values: { contracts: { billing }, standalone: { enabled: true } },
    words: [/standalone\.upstream is not set/],
  },
  {
    name: 'a gateway without a contract',
    values: { standalone: gateway },
    words: [/standalone needs a contract/, /contracts\.<name>\.openapi/],
  },
  {
    name: 'two contracts, and none chosen',
    values: { contracts: { billing, orders: billing }, standalone: gateway },
    words: [/standalone\.api is not set, and contracts has billing, orders/],
  },
  {
    name: 'a contract that is not there',
    values: { contracts: { billing }, standalone: { ...gateway, api: 'biling' } },
    words: [/standalone\.api is "biling", and contracts has billing/],
  },
  {
    name: 'a contract without a document',
    values: { contracts: { billing: {} } },
    words: [/contracts\.billing has no openapi and no fromConfigMap/],
  },
  {
    name: 'a contract from two places',
    values: { contracts: { billing: { ...billing, fromConfigMap: { name: 'billing' } } } },
    words: [/contracts\.billing has fromConfigMap and openapi/],
  },
  {
    name: 'a contract that no ConfigMap takes',
    values: { contracts: { billing: { openapi: 'x'.repeat(1_048_577) } } },
    words: [/contracts\.billing has 1048577 bytes/, /1 MiB/],
  },
  {
    name: 'a file called as the contract is',
    values: { contracts: { billing: { ...billing, files: { 'openapi.yaml': 'x' } } } },
    words: [/contracts\.billing\.files has openapi\.yaml/],
  },
  {
    name: 'a configuration that says what a setting says, too',
    values: { standalone: { enabled: true, enforce: 'both', config: { ...config, probes: {} } } },
    words: [/standalone\.enforce is set beside a configuration/],
  },
  {
    name: 'a variable that says which configuration there is',
    values: { contracts: { billing }, standalone: { ...gateway, env: { PLUMBLINE_CONFIG: '/x' } } },
    words: [/standalone\.env\.PLUMBLINE_CONFIG/],
  },
  {
    name: 'two configurations',
    values: { standalone: { enabled: true, config: { ...config, probes: {} }, configFrom: { configMap: 'mine' } } },
    words: [/standalone\.config and standalone\.configFrom: one of them/],
  },
  {
    name: 'a configuration without probes',
    values: { standalone: { enabled: true, config } },
    words: [/standalone\.config has no probes/, /probes: \{\}/],
  },
  {
    name: 'a configuration that listens elsewhere',
    values: { standalone: { enabled: true, config: { ...config, probes: {}, listeners: { ingress: { port: 8080 } } } } },
    words: [/standalone\.config\.listeners: none listens on 7080/],
  },
  {
    name: 'a configuration that listens for nobody else',
    values: { standalone: { enabled: true, config: { ...config, probes: {}, listeners: { ingress: { port: 7080, host: 'localhost' } } } } },
    words: [/standalone\.config\.listeners: none listens on 7080 of the pod's address/],
  },
  {
    name: 'probes that the kubelet does not reach',
    values: { standalone: { enabled: true, config: { ...config, probes: { host: '127.0.0.1' } } } },
    words: [/standalone\.config\.probes\.host is 127\.0\.0\.1, and the kubelet asks the pod's address/],
  },
  {
    name: 'a policy where the cluster has none',
    kube: '1.31.0',
    values: { injection: { kind: 'policy' } },
    words: [/needs MutatingAdmissionPolicy, from Kubernetes 1\.36 on/, /take the webhook/],
  },
  {
    name: 'a release whose Service would have no name of a Service',
    release: '1st',
    values: { contracts: { billing }, standalone: gateway },
    words: [/would be called 1st-plumbline/, /begins with a letter: set fullnameOverride/],
  },
  {
    name: 'probes that listen elsewhere',
    values: { standalone: { enabled: true, config: { ...config, probes: { port: 9000 } } } },
    words: [/standalone\.config\.probes\.port is 9000/],
  },
  {
    name: 'scaling from many to few',
    values: { contracts: { billing }, standalone: { ...gateway, autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 3 } } },
    words: [/minReplicas is 5, more than maxReplicas, 3/],
  },
  {
    name: 'scaling by a share of nothing',
    values: { contracts: { billing }, standalone: { ...gateway, autoscaling: { enabled: true }, resources: { requests: { cpu: null } } } },
    words: [/autoscaling needs standalone\.resources\.requests\.cpu/],
  },
  {
    name: 'an alert that is not there',
    values: { prometheusRule: { enabled: true, disabled: ['GatewayDwon'] } },
    words: [/there is no alert "GatewayDwon"/, /GatewayDown/],
  },
  {
    name: 'a Secret without an authority',
    values: { injection: { kind: 'webhook', webhook: { certificates: { from: 'secret', secretName: 'tls' } } } },
    words: [/caBundle says what the API server believes/],
  },
  {
    name: 'an issuer that nobody asks',
    values: { injection: { kind: 'webhook', webhook: { certificates: { issuerRef: { name: 'corporate' } } } } },
    words: [/issuerRef is set, and from is "self-signed"/],
  },
  {
    name: 'a Secret that nobody reads',
    values: { injection: { kind: 'webhook', webhook: { certificates: { secretName: 'tls' } } } },
    words: [/secretName is set, and from is "self-signed"/],
  },
];

export const refusals: readonly Refusal[] = [
  ...schema.map((refusal) => ({ ...refusal, by: 'schema' as const })),
  ...templates.map((refusal) => ({ ...refusal, by: 'templates' as const })),
];
