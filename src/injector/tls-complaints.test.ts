import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeTls } from '../../test/kit/certificate.ts';
import { FakeClock } from '../../test/kit/clock.ts';
import { RecordingLog } from '../../test/kit/log.ts';
import { FixedRandom } from '../../test/kit/random.ts';
import { makeAuthority, makeServing } from './certificates/authority.ts';
import { servingPair } from './certificates/pair.ts';
import { ReviewServer } from './server.ts';
import { TlsComplaints } from './tls-complaints.ts';

const alert = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

it('clients that do not trust the certificate are told of once a minute, with how many there were', () => {
  const [log, clock] = [new RecordingLog(), new FakeClock()];
  const complaints = new TlsComplaints(log, clock);
  for (let i = 0; i < 3; i++) complaints.heard(alert('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'));
  clock.advance(60_000);
  complaints.heard(alert('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'));
  expect(log.entries.map(({ fields }) => fields)).toEqual([
    { reason: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', times: 1 },
    { reason: 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', times: 3 },
  ]);
});

it('whoever else fails to shake hands is not', () => {
  const log = new RecordingLog();
  const complaints = new TlsComplaints(log, new FakeClock());
  for (const code of ['ERR_SSL_HTTP_REQUEST', 'ECONNRESET', 'ERR_SSL_UNSUPPORTED_PROTOCOL']) complaints.heard(alert(code));
  complaints.heard(new Error('no code'));
  expect(log.entries).toEqual([]);
});

describeTls('openssl, which says by an alert what it does not like, as API servers do', () => {
  it.each(['-tls1_2', '-tls1_3'])('is heard (%s)', async (version) => {
    const dir = mkdtempSync(join(tmpdir(), 'plumbline-distrust-'));
    const [random, clock, log] = [new FixedRandom(), new FakeClock(), new RecordingLog()];
    const server = new ReviewServer({
      clock,
      timers: clock,
      logger: log,
      review: () => ({ status: 400, body: {}, outcome: 'invalid' }),
      onAnswered: () => undefined,
    });
    try {
      const { cert, key } = await makeServing(await makeAuthority(Date.now(), random), ['a.svc'], Date.now(), random);
      server.serve(servingPair(cert, key, Date.now()));
      const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
      const other = join(dir, 'other.pem');
      writeFileSync(other, (await makeAuthority(Date.now(), random)).cert);
      const args = ['s_client', version, '-connect', `127.0.0.1:${port}`, '-servername', 'a.svc', '-CAfile', other, '-verify_return_error'];
      const client = spawn('openssl', args, { stdio: 'ignore' });
      await new Promise((resolve) => void client.on('exit', resolve));
      await expect.poll(() => log.lines).toEqual([expect.stringMatching(/^error clients do not trust the certificate/)]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
      const closed = server.close(1);
      clock.advance(1);
      await closed;
    }
  });
});
