/** Every value changes what is rendered: one that is read and ignored, or not read at all, leaves it as it is. */
import { IMAGE_REPOSITORY } from '../../src/inject/image.ts';
import type { Json, Value } from './describe.ts';
import type { Asked, Helm } from './helm.ts';
import { chartValues } from './values.ts';

type Values = Readonly<Record<string, unknown>>;

/** All that there is switched on, so that each value has something to say. */
const ALL: Values = {
  contracts: { billing: { openapi: 'openapi: 3.1.0\n' } },
  standalone: { enabled: true, upstream: 'http://billing.shop.svc', service: { type: 'NodePort' } },
  injection: { kind: 'webhook' },
  ...Object.fromEntries(['podMonitor', 'prometheusRule', 'dashboards', 'networkPolicy'].map((part) => [part, { enabled: true }])),
};
const config = {
  probes: {},
  listeners: { ingress: { port: 7080 } },
  routes: [{ name: 'billing', listener: 'ingress', upstream: 'http://127.0.0.1:3000' }],
};
const CERTIFICATES = 'injection.webhook.certificates';

/** What must stand beside a value for it to matter, by the end of its path. */
const BESIDE: ReadonlyArray<readonly [RegExp, Readonly<Record<string, unknown>>]> = [
  [/^standalone\.autoscaling\.(?!enabled)/, { 'standalone.autoscaling.enabled': true }],
  [/^standalone\.config$/, { 'standalone.upstream': '', 'standalone.config': config }],
  [/^standalone\.configFrom/, { 'standalone.upstream': '', 'standalone.configFrom.configMap': 'other' }],
  [/^standalone\.api$/, { 'contracts.orders': { openapi: 'a' }, 'standalone.api': 'billing' }],
  [/\.issuerRef$/, { [`${CERTIFICATES}.from`]: 'cert-manager' }],
  [/\.(secretName|caBundle)$/, { [CERTIFICATES]: { from: 'secret', secretName: 'other', caBundle: 'YWFh' } }],
  [/^injection\.policy\./, { 'injection.kind': 'policy' }],
  [/^sidecar\.config/, { 'sidecar.owner': '' }],
  [/^sidecar\.api$/, { 'contracts.orders': { openapi: 'a' }, 'sidecar.api': 'billing' }],
];

/** Another value, by its path or the end of it, where the description does not give one. */
const OTHER: Readonly<Record<string, unknown>> = {
  contracts: { billing: { openapi: 'openapi: 3.1.1\n' } },
  'injection.settings.config': 'mine',
  'injection.settings.port': '4321',
  'standalone.api': 'orders',
  'sidecar.api': 'orders',
  'sidecar.form': 'legacy',
  'injection.settings.form': 'legacy',
  // Below 27 s there is less time than a native sidecar's drain takes by default.
  'sidecar.terminationGracePeriodSeconds': 10,
  'sidecar.ports.admin': 9000,
  digest: `sha256:${'a'.repeat(64)}`,
  upstream: 'http://orders.shop.svc',
  config: { ...config, service: { name: 'mine' } },
  env: { A: 'b' },
  resources: { requests: { cpu: '77m' } },
  tolerations: [{ operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [],
  issuerRef: { name: 'mine' },
  caBundle: 'YmJi',
  disabled: ['GatewayDown'],
  'injection.policy.apiVersion': 'v1alpha1',
  ...Object.fromEntries(['trafficFrom', 'metricsFrom', 'webhookFrom'].map((key) => [key, [{ podSelector: {} }]])),
  ...Object.fromEntries(['selector', 'namespaceSelector', 'objectSelector'].map((key) => [key, { matchLabels: { a: 'b' } }])),
  ...Object.fromEntries(['runbookUrl', 'dashboardUrl'].map((key) => [key, 'https://docs.example/'])),
  ...Object.fromEntries(['interval', 'scrapeTimeout'].map((key) => [key, '7s'])),
  trustedPeers: ['10.9.0.0/16'],
  excludeNamespaces: ['mine'],
  imagePullSecrets: [{ name: 'mine' }],
  cpu: '77m',
  memory: '77Mi',
  stateSizeLimit: '77Mi',
  maxUnavailable: 3,
  labelValue: '2',
};

/** Paths of values that change nothing, with what was said where they could not be rendered. `example`: a service's chart with a sidecar. */
export function unheard(helm: Helm, chart: string, example: string): { readonly problems: readonly string[]; readonly count: number } {
  const known = new Map<string, ReturnType<Helm['template']>>();
  const rendered = (asked: Asked): ReturnType<Helm['template']> => {
    const key = JSON.stringify(asked);
    const found = known.get(key) ?? helm.template(asked);
    known.set(key, found);
    return found;
  };
  const leaves = leavesOf(chartValues(IMAGE_REPOSITORY));
  const problems = leaves.flatMap(([path, value]) => {
    const isSidecar = path.startsWith('sidecar.');
    const beside = BESIDE.filter(([where]) => where.test(path)).flatMap(([, more]) => Object.entries(more));
    const base = beside.reduce((values, [key, one]) => put(values, key, one), isSidecar ? {} : ALL);
    const [before, after] = [base, put(base, path, otherThan(path, value, at(base, path)))].map((values) =>
      rendered({
        chart: isSidecar ? example : chart,
        kube: '1.36.0',
        values: isSidecar ? { image: 'registry.example/billing:1', plumbline: values } : values,
      }),
    );
    if (before?.ok !== true || after?.ok !== true) return [`${path}: ${(before?.ok === true ? after : before)?.said}`];
    return before.text === after.text ? [`${path} changes nothing`] : [];
  });
  return { problems, count: leaves.length };
}

function otherThan(path: string, { standard, schema }: Leaf, present: unknown): unknown {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const now = present ?? standard;
  if (path in OTHER) return OTHER[path];
  if (schema.type === 'boolean') return now !== true;
  if (schema.type === 'integer') return Number(now) + 1;
  if (Array.isArray(schema.enum)) return (schema.enum as readonly Json[]).find((one) => one !== now && one !== '');
  if (name in OTHER) return OTHER[name];
  return schema.type === 'object' ? { a: 'b' } : 'mine';
}

type Leaf = Extract<Value, { kind: 'leaf' }>;

function leavesOf(fields: Readonly<Record<string, Value>>, path = ''): [string, Leaf][] {
  return Object.entries(fields).flatMap(([key, value]) =>
    value.kind === 'section' ? leavesOf(value.fields, `${path}${key}.`) : [[`${path}${key}`, value] as [string, Leaf]],
  );
}

function at(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Values | undefined)?.[key], values);
}

function put(values: Values, path: string, value: unknown): Values {
  const [key = '', ...rest] = path.split('.');
  if (rest.length === 0) return value === undefined ? values : { ...values, [key]: value };
  return { ...values, [key]: put((values[key] ?? {}) as Values, rest.join('.'), value) };
}
