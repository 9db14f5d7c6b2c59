/** The example where nothing is wrong: whoever is paged for it would not look the next time. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONSUMERS, type Seen } from '../../examples/billing/consumers.ts';
import { startProvider } from '../../examples/billing/provider.ts';
import { randomness } from '../../examples/billing/randomness.ts';
import type { FindingItem } from '../../src/core/views.ts';
import { startReloading, UNWATCHED } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

const OPENAPI = join(import.meta.dirname, '../../examples/billing/openapi.yaml');
/** What fetch does not send, and clients and hops of all kinds do. */
const BY_THE_WAY = { 'X-Shop-Basket': '7', 'Accept-Language': 'de', 'X-Forwarded-Proto': 'https', 'My-Mesh-Hop': 'a' };

test('nothing is found in traffic that is as documented, whatever header fields clients add', async () => {
  const provider = await startProvider();
  await using gateway = await startReloading({
    upstream: Number(new URL(provider.url).port),
    route: { contract: 'billing' },
    sections: { ...UNWATCHED, telemetry: { accessLog: 'off' }, contracts: { billing: { openapi: OPENAPI } } },
  });
  try {
    const [{ name, headers, habits }] = CONSUMERS;
    expect(name).toBe('web-shop');
    const seen: Seen = { payments: ['pay_abc'], etags: new Map() };
    const random = randomness(7);
    const statuses = new Set<number>();
    let sent = 0;
    for (let round = 0; round < 4; round += 1) {
      for (const habit of habits) {
        const call = habit.make({ random, number: sent, seen });
        const all = { ...headers, ...BY_THE_WAY, ...call.headers };
        const answer = await fetch(`http://127.0.0.1:${gateway.port()}${call.path}`, {
          method: call.method,
          headers: all,
          ...(call.body !== undefined && { body: call.body }),
        });
        await answer.arrayBuffer();
        const [etag, location] = [answer.headers.get('etag'), answer.headers.get('location')];
        if (etag !== null) seen.etags.set(call.path, etag);
        if (location !== null) seen.payments.push(location.slice(location.lastIndexOf('/') + 1));
        statuses.add(answer.status);
        sent += 1;
      }
    }
    const valid = async (): Promise<number> => (await gateway.metrics()).value('plumbline_contract_checks_total', { outcome: 'valid' });
    await until(async () => (await valid()) === 2 * sent, 'a verdict on each request and each answer');
    expect([...statuses]).toEqual(expect.arrayContaining([200, 201]));
    expect((await gateway.admin<{ items: readonly FindingItem[] }>('/api/findings')).items).toEqual([]);
  } finally {
    await provider.close();
  }
});
