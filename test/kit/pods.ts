import fc from 'fast-check';

type Value = Record<string, unknown>;

const portNames = ['http', 'web', 'metrics', 'grpc', 'a-very-long-nam', 'x1', 'http-app', 'plumbline-http'];
const numbers = [80, 3000, 7080, 7090, 7091, 7180, 8080, 9090];

const port: fc.Arbitrary<Value> = fc
  .record(
    {
      name: fc.constantFrom(...portNames),
      containerPort: fc.constantFrom(...numbers),
      protocol: fc.constantFrom('TCP', 'TCP', 'UDP', 'SCTP'),
      hostPort: fc.constantFrom(80, 8443),
    },
    { requiredKeys: ['containerPort'] },
  )
  .chain(shuffled);

const reference = fc.oneof(fc.constantFrom(...portNames), fc.constantFrom(...numbers));
const handler: fc.Arbitrary<Value> = fc.oneof(
  reference.map((to) => ({ httpGet: { path: '/healthz', port: to } })),
  reference.map((to) => ({ tcpSocket: { port: to } })),
  fc.constantFrom(8080, 7091).map((to) => ({ grpc: { port: to } })),
  fc.constant({ exec: { command: ['true'] } }),
);

const containerParts = {
  image: fc.constant('example/app:1'),
  ports: listOrNothing(port, 3),
  readinessProbe: handler.map((how) => ({ ...how, periodSeconds: 5 })),
  livenessProbe: handler,
  startupProbe: handler,
  lifecycle: fc.record({ preStop: handler, postStart: handler }, { requiredKeys: [] }),
  env: fc.constant([{ name: 'PORT', value: '8080' }]),
  volumeMounts: fc.constant([{ name: 'data', mountPath: '/data' }]),
};

function container(name: string): fc.Arbitrary<Value> {
  return fc.record({ name: fc.constant(name), ...containerParts }, { requiredKeys: ['name', 'image'] }).chain(shuffled);
}

/** As people write a list that may be left out: not at all, with nothing under its key, empty, or with items. */
function listOrNothing<T>(item: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[] | null> {
  return fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 6, arbitrary: fc.array(item, { maxLength }) });
}

const containers = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('istio-proxy', 'cache', 'cache'))
  .chain(([count, last]) => fc.tuple(...['web', 'worker', last].slice(0, count).map(container)));
const initContainers = fc.oneof(
  fc.constant(null),
  fc.constant([]),
  fc.tuple(container('migrate')),
  fc.tuple(
    container('migrate'),
    container('proxy').map((value) => ({ ...value, restartPolicy: 'Always' })),
  ),
);

const annotations = fc.oneof(
  fc.constant(null),
  fc.record(
    {
      team: fc.constant('payments'),
      'traffic.sidecar.istio.io/excludeInboundPorts': fc.constantFrom('7091', '9102,7191', '7091, 7191'),
      'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes': fc.constantFrom('', 'data', 'data,plumbline-state', 'cache,data'),
      'plumbline.dev/port': fc.constantFrom('http', 'web', '8080', '3000', '5000'),
      'plumbline.dev/contract': fc.constantFrom('orders', 'orders/v2.yaml'),
      'plumbline.dev/enforce': fc.constantFrom('request', 'response', 'both', 'none'),
      'plumbline.dev/owner': fc.constant('payments & risk'),
      'plumbline.dev/config': fc.constant('own'),
    },
    { requiredKeys: [] },
  ),
);

const metadata = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 9,
    arbitrary: fc
      .record({ name: fc.constant('billing'), labels: fc.constantFrom(null, {}, { app: 'billing' }), annotations }, { requiredKeys: [] })
      .chain(shuffled),
  },
);

const spec = fc
  .record(
    {
      containers,
      initContainers,
      volumes: listOrNothing(fc.constant({ name: 'data', emptyDir: {} }), 1),
      terminationGracePeriodSeconds: fc.constantFrom(0, 1, 5, 26, 27, 30, 600, null),
      securityContext: fc.constantFrom({ runAsUser: 1000, runAsNonRoot: true }, {}, null),
      serviceAccountName: fc.constant('billing'),
    },
    { requiredKeys: ['containers'] },
  )
  .chain(shuffled);

/**
 * Pods and pod templates as people write them, keys in any order: ports with and without names, probes and hooks that name them, lists that are left out,
 * empty or null, annotations of Plumbline's. Not every one can be injected.
 */
export const somePod: fc.Arbitrary<Value> = fc.record({ metadata, spec }, { requiredKeys: ['spec'] }).chain(shuffled);

/** The same keys in another order. */
function shuffled(value: Value): fc.Arbitrary<Value> {
  const keys = Object.keys(value);
  return fc.shuffledSubarray(keys, { minLength: keys.length }).map((order) => Object.fromEntries(order.map((key) => [key, value[key]])));
}
