import https from 'node:https';
import type { TLSSocket } from 'node:tls';

type Json = Record<string, unknown>;

/** A pod as an API server hands it to a webhook: defaulted, named by `generateName`, with what a company's platform adds. Some 15 KB as JSON. */
export function rolloutPod(replica = 0): Json & { metadata: Json; spec: Json } {
  const token = { name: 'kube-api-access-x7k2p', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  const env = Array.from({ length: 66 }, (_, i) =>
    i % 5 === 0
      ? { name: `SETTING_${i}`, valueFrom: { secretKeyRef: { name: `shop-orders-credentials-${i % 3}`, key: `setting-${i}` } } }
      : { name: `SETTING_${i}`, value: `https://service-${i}.shop.svc.cluster.local:8443/v1/resource?tenant=acme&replica=${i}` },
  );
  const probe = (path: string) => ({
    httpGet: { path, port: 'http', scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  const container = {
    name: 'orders',
    image: 'registry.example.com/shop/orders@sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270',
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9100, protocol: 'TCP' },
    ],
    env,
    resources: { limits: { memory: '1Gi' }, requests: { cpu: '500m', memory: '512Mi' } },
    volumeMounts: [
      token,
      ...Array.from({ length: 12 }, (_, i) => ({ name: `files-${i}`, mountPath: `/etc/orders/files-${i}`, readOnly: true })),
    ],
    livenessProbe: probe('/health/live'),
    readinessProbe: probe('/health/ready'),
    lifecycle: { preStop: { httpGet: { path: '/stop', port: 'http', scheme: 'HTTP' } } },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const migrate = {
    ...container,
    name: 'migrate',
    ports: undefined,
    livenessProbe: undefined,
    readinessProbe: undefined,
    lifecycle: undefined,
  };
  return JSON.parse(
    JSON.stringify({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        generateName: 'orders-6d4cf56db6-',
        creationTimestamp: null,
        labels: { app: 'orders', 'pod-template-hash': '6d4cf56db6', 'plumbline.dev/inject': 'enabled', replica: String(replica) },
        annotations: {
          'plumbline.dev/contract': 'orders-contract',
          'plumbline.dev/owner': 'team-orders',
          'checksum/config': 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
        },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'orders-6d4cf56db6',
            uid: 'd0b3d3c4-0d5c-4d9a-8f7e-2c8f0f1f3f10',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
        managedFields: [
          {
            manager: 'kube-controller-manager',
            operation: 'Update',
            apiVersion: 'v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:metadata': {} },
          },
        ],
      },
      spec: {
        volumes: [
          {
            name: token.name,
            projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }], defaultMode: 420 },
          },
          ...Array.from({ length: 12 }, (_, i) => ({ name: `files-${i}`, configMap: { name: `orders-files-${i}`, defaultMode: 420 } })),
        ],
        initContainers: [{ ...migrate, env: env.slice(0, 24) }],
        containers: [container],
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        serviceAccountName: 'orders',
        securityContext: { fsGroup: 2000 },
        schedulerName: 'default-scheduler',
        tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
        priority: 0,
        enableServiceLinks: true,
        preemptionPolicy: 'PreemptLowerPriority',
      },
      status: {},
    }),
  );
}

/** What an API server asks about a pod that is to be created. */
export function admissionReview(pod: unknown, more: Json = {}): Json {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:authenticated'] },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...more,
    },
  };
}

export interface AdmissionAnswer {
  readonly status: number;
  readonly response: {
    readonly uid?: string;
    readonly allowed?: boolean;
    readonly patchType?: string;
    readonly patch?: string;
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: Readonly<Record<string, string>>;
    readonly status?: Json;
  };
  /** PEM. */
  readonly certificate: string;
}

export interface ApiServerOptions {
  readonly url: string;
  /** PEM: `caBundle`. */
  readonly ca: string;
  /** `service.namespace.svc`. */
  readonly name: string;
  readonly agent?: https.Agent;
}

/** Calls a webhook as an API server does: over TLS, by the name of the service, trusting the bundle alone. */
export function callWebhook({ url, ca, name, agent }: ApiServerOptions, review: unknown): Promise<AdmissionAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<AdmissionAnswer>();
  const body = Buffer.from(typeof review === 'string' ? review : JSON.stringify(review));
  const request = https.request(new URL('/inject?timeout=10s', url), {
    servername: name,
    ca,
    agent: agent ?? false,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const certificate = (response.socket as TLSSocket).getPeerX509Certificate()?.toString() ?? '';
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => void chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const answer = JSON.parse(Buffer.concat(chunks).toString()) as { response?: AdmissionAnswer['response'] };
      resolve({ status: response.statusCode ?? 0, response: answer.response ?? {}, certificate });
    });
  });
  request.end(body);
  return promise;
}

/** The operations of an answer's patch. */
export function operationsOf({
  response: { patch },
}: {
  response: { patch?: string | undefined };
}): { op: string; path: string; value?: unknown }[] {
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
}

/**
 * The document after a JSON Patch, by RFC 6902 §4 to the letter and without a line of ours: what an API server would make of it.
 * @throws where an operation has no place to go.
 */
export function patched(document: unknown, operations: readonly { op: string; path: string; value?: unknown }[]): unknown {
  const whole = { root: structuredClone(document) };
  for (const { op, path, value } of operations) {
    const parts = path
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = parts.pop() ?? '';
    let at: unknown = whole.root;
    for (const part of parts) at = memberOf(at, part);
    if (Array.isArray(at)) {
      const index = Number(last);
      if (!/^(?:0|[1-9]\d*)$/.test(last) || index > (op === 'add' ? at.length : at.length - 1))
        throw new Error(`${op} ${path}: no such item`);
      if (op === 'add') at.splice(index, 0, value);
      else if (op === 'replace') at[index] = value;
      else at.splice(index, 1);
    } else {
      const object = at as Json;
      if (op !== 'add' && !Object.hasOwn(object, last)) throw new Error(`${op} ${path}: no such member`);
      if (op === 'remove') delete object[last];
      else object[last] = value;
    }
  }
  return whole.root;
}

function memberOf(value: unknown, part: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) throw new Error(`there is no ${part}`);
  return (value as Json)[part];
}
