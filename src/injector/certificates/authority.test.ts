import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeTls } from '../../../test/kit/certificate.ts';
import { FixedRandom } from '../../../test/kit/random.ts';
import { AUTHORITY_LIFE_MS, BACKDATED_MS, type KeyedCertificate, SERVING_LIFE_MS, makeAuthority, makeServing } from './authority.ts';

const NAMES = ['plumbline-injector.plumbline.svc', 'plumbline-injector.plumbline.svc.cluster.local'];
const NOW_MS = Math.floor(Date.now() / 1000) * 1000;

let authority: KeyedCertificate;
let other: KeyedCertificate;
let serving: KeyedCertificate;
beforeAll(async () => {
  const random = new FixedRandom();
  authority = await makeAuthority(NOW_MS, random);
  other = await makeAuthority(NOW_MS, random);
  serving = await makeServing(authority, NAMES, NOW_MS, random);
});

/** What a client says that trusts `ca` and asks for `servername`; undefined: it is content. */
async function shakesHands(ca: string, servername: string): Promise<string | undefined> {
  const server = tls.createServer(serving).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await new Promise((resolve) => void server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', ca, servername, minVersion: 'TLSv1.2' });
  try {
    return await new Promise((resolve) => {
      client.once('secureConnect', () => resolve(undefined));
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
  } finally {
    client.destroy();
    server.close();
  }
}

describe('a certificate of our authority', () => {
  it.each(NAMES)('is taken by a client that trusts it, for %s', async (name) => {
    expect(await shakesHands(authority.cert, name)).toBeUndefined();
  });

  it('is taken by a client that trusts another one besides', async () => {
    expect(await shakesHands(other.cert + authority.cert, NAMES[0] as string)).toBeUndefined();
  });

  it.each([
    ['another authority alone is trusted', () => other.cert, NAMES[0] as string],
    ['another name is asked for', () => authority.cert, 'plumbline-injector.elsewhere.svc'],
  ])('is refused where %s', async (_, ca, name) => {
    expect(await shakesHands(ca(), name)).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED|ALTNAME/);
  });

  it('lives 90 days, its authority 10 years; both from an hour before', () => {
    const [mine, its] = [new X509Certificate(serving.cert), new X509Certificate(authority.cert)];
    expect(mine.validToDate.getTime() - NOW_MS).toBe(SERVING_LIFE_MS);
    expect(its.validToDate.getTime() - NOW_MS).toBe(AUTHORITY_LIFE_MS);
    for (const one of [mine, its]) expect(NOW_MS - one.validFromDate.getTime()).toBe(BACKDATED_MS);
    expect([mine.ca, its.ca]).toEqual([false, true]);
  });

  it('does not outlive its authority', async () => {
    const late = NOW_MS + AUTHORITY_LIFE_MS - 1000;
    const { cert } = await makeServing(authority, NAMES, late, new FixedRandom());
    expect(new X509Certificate(cert).validToDate).toEqual(new X509Certificate(authority.cert).validToDate);
  });

  it('is one of ECDSA on P-256, with a serial number that is positive', () => {
    for (const { cert } of [serving, authority]) {
      const { publicKey, serialNumber } = new X509Certificate(cert);
      expect(publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
      expect(serialNumber).toMatch(/^0?1[0-9A-F]{32}$/);
    }
  });
});

describeTls('openssl', () => {
  it('verifies the chain as that of a server of this name, and of no client', () => {
    const dir = mkdtempSync(join(tmpdir(), 'plumbline-authority-'));
    try {
      const [ca, cert] = [join(dir, 'ca.pem'), join(dir, 'cert.pem')];
      writeFileSync(ca, authority.cert);
      writeFileSync(cert, serving.cert);
      const verify = (purpose: string, name: string) =>
        spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', ca, '-purpose', purpose, '-verify_hostname', name, cert], {
          encoding: 'utf8',
        });
      expect(verify('sslserver', NAMES[0] as string)).toMatchObject({ status: 0, stderr: '' });
      expect(verify('sslclient', NAMES[0] as string).status).not.toBe(0);
      expect(verify('sslserver', 'other.svc').status).not.toBe(0);
      const text = execFileSync('openssl', ['x509', '-in', ca, '-noout', '-text'], { encoding: 'utf8' });
      expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
      expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
