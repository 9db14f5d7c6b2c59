import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ServerResponse } from 'node:http';
import { makeAuthority, makeServing } from '../../src/injector/certificates/authority.ts';
import type { ApiServer } from '../../src/injector/kube/in-cluster.ts';
import { FixedRandom } from './random.ts';

type Json = Record<string, unknown>;

export interface KubeObject extends Json {
  metadata: { name: string; resourceVersion?: string; annotations?: Json; [key: string]: unknown };
}

export interface KubeCall {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly type: string;
  readonly body: unknown;
}

/** What a test lets happen to a call instead of what the server would do; undefined: it does that. */
export type Interfere = (call: KubeCall, response: ServerResponse) => 'answered' | undefined | Promise<'answered' | undefined>;

export const SECRETS = '/api/v1/namespaces/plumbline/secrets';
export const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/**
 * As much of a Kubernetes API server as the injector talks to, over TLS: objects with resource versions, which a patch must name to be taken,
 * and tokens, of which only the newest is good.
 */
export class FakeKube {
  readonly calls: KubeCall[] = [];
  readonly objects = new Map<string, KubeObject>();
  readonly accountDir: string;
  interfere: Interfere = () => undefined;
  readonly #server: https.Server;
  #token = 'token-1';
  #version = 100;

  private constructor(server: https.Server, accountDir: string) {
    this.#server = server;
    this.accountDir = accountDir;
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        const { method = '', url: path = '', headers } = request;
        const token = (headers.authorization ?? '').replace('Bearer ', '');
        const call = { method, path, token, type: headers['content-type'] ?? '', body: body === '' ? undefined : JSON.parse(body) };
        return this.#answer(call, response);
      });
    });
  }

  static async start(nowMs: number): Promise<FakeKube> {
    const random = new FixedRandom();
    const authority = await makeAuthority(nowMs, random);
    const server = https.createServer(await makeServing(authority, ['localhost'], nowMs, random));
    await new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve));
    const accountDir = mkdtempSync(join(tmpdir(), 'plumbline-account-'));
    writeFileSync(join(accountDir, 'token'), 'token-1\n');
    writeFileSync(join(accountDir, 'ca.crt'), authority.cert);
    writeFileSync(join(accountDir, 'namespace'), 'plumbline\n');
    return new FakeKube(server, accountDir);
  }

  get api(): ApiServer {
    return { host: 'localhost', port: (this.#server.address() as AddressInfo).port, accountDir: this.accountDir };
  }

  /** From now on only this one is good; `told`: the kubelet has put it into the file. */
  rotateToken(token: string, told: 'told' | 'not told'): void {
    this.#token = token;
    if (told === 'told') writeFileSync(join(this.accountDir, 'token'), token);
  }

  /** Puts an object there, as an administrator would. */
  put(folder: string, object: KubeObject): KubeObject {
    const stored = structuredClone(object);
    stored.metadata.resourceVersion = String(++this.#version);
    this.objects.set(`${folder}/${stored.metadata.name}`, stored);
    return stored;
  }

  secret(name = 'plumbline-injector'): KubeObject | undefined {
    return this.objects.get(`${SECRETS}/${name}`);
  }

  /** A value of the Secret, decoded. */
  secretText(key: string, name?: string): string {
    return Buffer.from(String((this.secret(name)?.data as Json | undefined)?.[key] ?? ''), 'base64').toString();
  }

  /** The bundles of all webhooks of the configuration, decoded. */
  bundles(name = 'plumbline-injector'): string[] {
    const webhooks = (this.objects.get(`${WEBHOOKS}/${name}`)?.webhooks ?? []) as { clientConfig: { caBundle?: string } }[];
    return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    rmSync(this.accountDir, { recursive: true, force: true });
  }

  async #answer(call: KubeCall, response: ServerResponse): Promise<void> {
    this.calls.push(call);
    if ((await this.interfere(call, response)) === 'answered') return;
    if (call.token !== this.#token) return fail(response, 401, 'Unauthorized');
    const found = this.objects.get(call.path);
    if (call.method === 'GET') return found === undefined ? fail(response, 404, 'not found') : send(response, 200, found);
    if (call.method === 'POST') {
      const object = call.body as KubeObject;
      if (this.objects.has(`${call.path}/${object.metadata.name}`)) return fail(response, 409, 'already exists');
      return send(response, 201, this.put(call.path, object));
    }
    if (found === undefined) return fail(response, 404, 'not found');
    const patch = call.body as KubeObject;
    const wanted = patch.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== found.metadata.resourceVersion) return fail(response, 409, 'the object has been modified');
    const folder = call.path.slice(0, call.path.lastIndexOf('/'));
    send(response, 200, this.put(folder, merged(found, patch, call.type.includes('strategic')) as KubeObject));
  }
}

/** Two webhooks that call our service, and one of somebody else's. */
export function webhookConfiguration(name = 'plumbline-injector'): KubeObject {
  const ours = (label: string): Json => ({
    name: `${label}.inject.plumbline.dev`,
    clientConfig: { service: { name: 'plumbline-injector', namespace: 'plumbline', path: '/inject' } },
    sideEffects: 'None',
  });
  const foreign = { name: 'other.example.com', clientConfig: { caBundle: 'b3RoZXI=', service: { name: 'other', namespace: 'plumbline' } } };
  return { metadata: { name }, webhooks: [ours('namespace'), foreign, ours('pod')] };
}

/** RFC 7386; strategic: members of lists are merged by their `name`. */
function merged(old: unknown, patch: unknown, isStrategic: boolean): unknown {
  if (isStrategic && Array.isArray(patch) && Array.isArray(old)) {
    const changed = new Map(patch.map((one: Json) => [one.name, one]));
    return old.map((one: Json) => (changed.has(one.name) ? merged(one, changed.get(one.name), true) : one));
  }
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Json = typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value, isStrategic);
  }
  return result;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, code: number, message: string): void {
  send(response, code, { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, message });
}
