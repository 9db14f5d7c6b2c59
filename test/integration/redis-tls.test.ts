import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { type TestCertificate, certificateFor, describeTls } from '../kit/certificate.ts';
import { type FakeRedis, politely, startFakeRedis } from '../kit/fake-redis.ts';
import { counting, openTestStore } from '../kit/redis-store.ts';

interface TlsRedis extends AsyncDisposable {
  readonly port: number;
  readonly fake: FakeRedis;
}

/** A fake Redis behind TLS. */
async function startTlsRedis({ key, cert }: TestCertificate): Promise<TlsRedis> {
  const fake = await startFakeRedis((command) => politely(command) ?? ':1\r\n');
  const behind = Number(new URL(fake.url).port);
  const server = createServer({ key, cert }, (client) => {
    const upstream = connect(behind, '127.0.0.1').on('error', () => undefined);
    client.on('error', () => undefined).on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    fake,
    async [Symbol.asyncDispose]() {
      server.close();
      await fake[Symbol.asyncDispose]();
    },
  };
}

/** The system's, and this one, for as long as the test runs. */
function trusting({ cert }: TestCertificate): Disposable {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, cert]);
  return { [Symbol.dispose]: () => setDefaultCACertificates(before) };
}

const AWAY = 'warn the shared store is away: each replica decides by itself until it is back';

describeTls('rediss://', () => {
  it('with a certificate that the system trusts', async () => {
    const certificate = certificateFor('localhost');
    using _ = trusting(certificate);
    await using redis = await startTlsRedis(certificate);
    await using shared = await openTestStore(`rediss://:s3cr3t@localhost:${redis.port}`, { timeoutMs: 500 });
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    expect(redis.fake.commands[0]).toEqual(['auth', 's3cr3t']);
  });

  it.each([
    ['nobody trusts', 'localhost', false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['is another host’s', 'elsewhere.example', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('with one that %s nothing is sent', async (_, name, isTrusted, reason) => {
    const certificate = certificateFor(name);
    using _trust = isTrusted ? trusting(certificate) : undefined;
    await using redis = await startTlsRedis(certificate);
    await using shared = await openTestStore(`rediss://:s3cr3t@localhost:${redis.port}`, { timeoutMs: 500 });
    expect(shared.store.run(counting, ['a'], [1])).toBe('unavailable');
    expect([shared.log, redis.fake.commands]).toEqual([[`${AWAY} (${reason})`], []]);
  });

  it('of a Redis without TLS is away', async () => {
    await using fake = await startFakeRedis(() => '-ERR unknown command\r\n');
    await using shared = await openTestStore(fake.url.replace('redis:', 'rediss:'));
    expect(shared.store.run(counting, ['a'], [1])).toBe('unavailable');
    expect(shared.log[0]).toMatch(/^warn the shared store is away/);
  });
});
