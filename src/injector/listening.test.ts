import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { HAS_IPV6, withoutIpv6 } from '../../test/kit/ipv6.ts';
import { RecordingLog } from '../../test/kit/log.ts';
import { connectRaw } from '../../test/kit/raw-client.ts';
import { ReviewServer } from './server.ts';

const clock = new FakeClock();
let server: ReviewServer;
beforeEach(() => {
  const review = () => ({ status: 200, body: {}, outcome: 'injected' }) as const;
  server = new ReviewServer({ clock, timers: clock, logger: new RecordingLog(), review, onAnswered: () => undefined });
});
afterEach(async () => {
  const closed = server.close(1);
  clock.advance(1);
  await closed;
});

/** Resolves once an API server would shake hands. */
async function reach(port: number, host: string): Promise<void> {
  (await connectRaw(port, host)).destroy();
}

describe('where nobody named a host', () => {
  it.skipIf(!HAS_IPV6)('an API server may come by IPv6 and by IPv4', async () => {
    const { host, port } = await server.listen({ host: undefined, port: 0 });
    expect(host).toBe('::');
    await Promise.all([reach(port, '::1'), reach(port, '127.0.0.1')]);
  });

  it('it comes by IPv4 where there is no IPv6', async () => {
    const { host, port } = await withoutIpv6(() => server.listen({ host: undefined, port: 0 }));
    expect(host).toBe('0.0.0.0');
    await reach(port, '127.0.0.1');
  });
});

it('a port that cannot be opened is told with its address', async () => {
  const refused = withoutIpv6(() => server.listen({ host: '::1', port: 0 }));
  await expect(refused).rejects.toThrow('injector cannot listen on [::1]:0: this machine has no IPv6 (EAFNOSUPPORT)');
});
