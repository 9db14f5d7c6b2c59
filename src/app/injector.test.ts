import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admissionReview, callWebhook, operationsOf, rolloutPod } from '../../test/kit/admission.ts';
import { FakeKube, WEBHOOKS, webhookConfiguration } from '../../test/kit/kube-api.ts';
import { RecordingLog } from '../../test/kit/log.ts';
import { FixedRandom } from '../../test/kit/random.ts';
import { type KeyedCertificate, makeAuthority, makeServing } from '../injector/certificates/authority.ts';
import { type InjectorOptions, type RunningInjector, startInjector } from './injector.ts';

const NAME = 'plumbline-injector.plumbline.svc';
const LOCAL = { host: '127.0.0.1', port: 0 };
const random = new FixedRandom();

let authority: KeyedCertificate;
beforeAll(async () => {
  authority = await makeAuthority(Date.now(), random);
});

let dir: string;
const running: RunningInjector[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-injector-'));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.cut();
  rmSync(dir, { recursive: true, force: true });
});

/** Swaps all files of a folder at once, as the kubelet does with a mounted volume. */
let versions = 0;
function mount(folder: string, files: Record<string, string>): void {
  const [root, data] = [join(dir, folder), `..v${++versions}`];
  mkdirSync(join(root, data), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, data, name), text);
  symlinkSync(data, join(root, '..data_new'));
  renameSync(join(root, '..data_new'), join(root, '..data'));
  for (const name of Object.keys(files)) {
    if (versions > 0) rmSync(join(root, name), { force: true });
    symlinkSync(`..data/${name}`, join(root, name));
  }
}

const files = ({ cert, key }: KeyedCertificate) => ({ 'tls.crt': cert, 'tls.key': key, 'ca.crt': authority.cert });
const newCertificate = (): Promise<KeyedCertificate> => makeServing(authority, [NAME], Date.now(), random);

async function start(more: Partial<InjectorOptions> = {}): Promise<RunningInjector> {
  const options = {
    settingsFile: join(dir, 'settings/injector.yaml'),
    listen: LOCAL,
    probes: LOCAL,
    certificate: { dir: join(dir, 'tls') },
  };
  const one = await startInjector(
    { ...options, drainDelayMs: 0, ...more },
    Object.assign(new RecordingLog(), { close: async () => undefined }),
  );
  running.push(one);
  return one;
}

const review = ({ url }: RunningInjector, ca = authority.cert) => callWebhook({ url, ca, name: NAME }, admissionReview(rolloutPod()));
const imageIn = (answer: Awaited<ReturnType<typeof review>>): string =>
  /"image":"([^"]+)"/.exec(JSON.stringify(operationsOf(answer)))?.[1] ?? '';

async function probe({ probesUrl }: RunningInjector, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${probesUrl}${path}`);
  return { status: response.status, text: await response.text() };
}
const metric = async (one: RunningInjector, name: string): Promise<number> => {
  const line = (await probe(one, '/metrics')).text.split('\n').find((text) => text.startsWith(`plumbline_injector_${name} `));
  return Number(line?.split(' ')[1]);
};

describe('with a certificate from a folder', () => {
  beforeEach(async () => {
    mount('settings', { 'injector.yaml': 'image: example.com/plumbline:1\n' });
    mount('tls', files(await newCertificate()));
  });

  it('it is ready, answers reviews, and counts them', async () => {
    const one = await start();
    expect([await probe(one, '/readyz'), await probe(one, '/healthz'), await probe(one, '/startupz')].map(({ status }) => status)).toEqual([
      200, 200, 200,
    ]);
    const answer = await review(one);
    expect(answer).toMatchObject({ status: 200, response: { allowed: true, patchType: 'JSONPatch' } });
    expect(imageIn(answer)).toBe('example.com/plumbline:1');
    expect(await metric(one, 'reviews_total{outcome="injected"}')).toBe(1);
    for (const outcome of ['unchanged', 'refused', 'opted_out', 'invalid', 'failed']) {
      expect(await metric(one, `reviews_total{outcome="${outcome}"}`)).toBe(0);
    }
    expect(await metric(one, 'review_duration_seconds_count')).toBe(1);
    expect(await metric(one, 'certificate_expiry_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000 + 89 * 86_400);
    expect([await metric(one, 'settings_reload_success'), await metric(one, 'certificate_reload_success')]).toEqual([1, 1]);
    expect((await probe(one, '/metrics')).text).toContain('plumbline_build_info{');
    expect((await probe(one, '/inject')).status).toBe(404);
  });

  it('new settings are taken when the volume is swapped, bad ones are not', async () => {
    const one = await start();
    mount('settings', { 'injector.yaml': 'image: example.com/plumbline:2\n' });
    await expect.poll(async () => imageIn(await review(one)), { timeout: 5000 }).toBe('example.com/plumbline:2');
    mount('settings', { 'injector.yaml': 'image: 7\n' });
    await expect.poll(() => metric(one, 'settings_reload_success'), { timeout: 5000 }).toBe(0);
    expect(imageIn(await review(one))).toBe('example.com/plumbline:2');
    mount('settings', { 'injector.yaml': 'image: example.com/plumbline:3\n' });
    await expect.poll(() => metric(one, 'settings_reload_success'), { timeout: 5000 }).toBe(1);
    expect(imageIn(await review(one))).toBe('example.com/plumbline:3');
  });

  it('a new certificate is served when the volume is swapped, one that does not fit its key is not', async () => {
    const one = await start();
    const [next, other] = [await newCertificate(), await newCertificate()];
    mount('tls', files(next));
    await expect.poll(async () => (await review(one)).certificate, { timeout: 5000 }).toBe(next.cert);
    mount('tls', files({ ...next, key: other.key }));
    await expect.poll(() => metric(one, 'certificate_reload_success'), { timeout: 5000 }).toBe(0);
    expect((await review(one)).certificate).toBe(next.cert);
  });

  it('the end: not ready any more, still answering for the delay, then gone', async () => {
    const one = await start({ drainDelayMs: 400 });
    const drained = one.drain();
    expect((await probe(one, '/readyz')).text).toMatch(/the injector ends/);
    expect((await review(one)).status).toBe(200);
    await drained;
    await one.closed;
    await expect(review(one)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(probe(one, '/healthz')).rejects.toThrow();
  });

  it('cut while it waits, it ends at once', async () => {
    const one = await start({ drainDelayMs: 60_000 });
    const drained = one.drain();
    await one.cut();
    await expect(drained).resolves.toBeUndefined();
  });
});

describe('it does not start, and says why', () => {
  it.each<[string, () => Promise<void>, RegExp]>([
    ['without settings', async () => mount('tls', files(await newCertificate())), /injector.yaml: cannot read .*: no such file/],
    [
      'with settings that are wrong',
      async () => {
        mount('tls', files(await newCertificate()));
        mount('settings', { 'injector.yaml': 'imagee: x\nlog: y\n' });
      },
      /injector.yaml: .*imagee.*; .*log/,
    ],
    ['without a certificate', async () => mount('settings', { 'injector.yaml': '' }), /tls: cannot read .*tls.crt: no such file/],
    [
      'with a certificate that has expired',
      async () => {
        mount('settings', { 'injector.yaml': '' });
        mount('tls', files(await makeServing(authority, [NAME], Date.now() - 91 * 86_400_000, random)));
      },
      /tls: the certificate has expired/,
    ],
    [
      'with the key of another',
      async () => {
        mount('settings', { 'injector.yaml': '' });
        mount('tls', files({ ...(await newCertificate()), key: (await newCertificate()).key }));
      },
      /tls: the private key is not that of the certificate/,
    ],
  ])('%s', async (_, prepare, message) => {
    await prepare();
    await expect(start()).rejects.toThrow(message);
  });

  it('where its port is taken', async () => {
    mount('settings', { 'injector.yaml': '' });
    mount('tls', files(await newCertificate()));
    const port = Number(new URL((await start()).url).port);
    await expect(start({ listen: { host: '127.0.0.1', port } })).rejects.toThrow(/injector cannot listen on .*the port is taken/);
  });
});

describe('with a certificate of its own', () => {
  let kube: FakeKube;
  beforeEach(async () => {
    kube = await FakeKube.start(Date.now());
    mount('settings', { 'injector.yaml': '' });
  });
  afterEach(() => kube.stop());

  const selfSigned = () => ({
    selfSigned: {
      api: kube.api,
      namespace: 'plumbline',
      secret: 'plumbline-injector',
      webhook: 'plumbline-injector',
      service: 'plumbline-injector',
    },
  });

  it('two replicas are ready, and an API server that trusts the bundle of the webhooks is answered by both', async () => {
    kube.put(WEBHOOKS, webhookConfiguration());
    const replicas = await Promise.all([start({ certificate: selfSigned() }), start({ certificate: selfSigned() })]);
    for (const one of replicas) {
      await expect.poll(async () => (await probe(one, '/readyz')).status, { timeout: 5000 }).toBe(200);
      expect(await review(one, kube.bundles()[0])).toMatchObject({ status: 200, response: { allowed: true } });
      expect(await metric(one, 'certificate_reload_success')).toBe(1);
    }
  });

  it('it is alive but not ready while there is no webhook to tell', async () => {
    const one = await start({ certificate: selfSigned() });
    await expect.poll(() => kube.calls.length).toBeGreaterThan(2);
    expect(await probe(one, '/readyz')).toMatchObject({ status: 503, text: expect.stringMatching(/there is no certificate yet/) });
    expect((await probe(one, '/healthz')).status).toBe(200);
    expect((await probe(one, '/startupz')).status).toBe(503);
    expect(await metric(one, 'certificate_expiry_timestamp_seconds')).toBe(0);
    await expect(review(one)).rejects.toThrow();
  });
});
