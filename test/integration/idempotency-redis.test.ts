/** ID-5 and ID-8 where several processes share what is known of a key. */
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { type TestGateway, startTestGateway } from '../kit/gateway.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { PAYMENTS, keyedLines, payment, postKeyed, startHoldingOrigin, told } from '../kit/keyed.ts';
import { type TestRedis, describeRedis, startRedis } from '../kit/redis.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

/** A call may take long on a busy machine; no rule here is about it. */
const store = (redis: TestRedis, timeout = '1s') => ({ store: { kind: 'redis', url: redis.url, timeout } });

const gatewayOf = (
  upstream: { readonly port: number },
  redis: TestRedis,
  idempotency: object = {},
  timeout?: string,
): Promise<TestGateway> =>
  startTestGateway({
    upstream: upstream.port,
    openapi: PAYMENTS,
    route: { policies: { idempotency: { scope: 'shared', ...idempotency } } },
    sections: store(redis, timeout),
  });

const count = async (gateway: TestGateway, outcome: string): Promise<number> =>
  (await gateway.metrics()).value('plumbline_idempotency_requests_total', { outcome });

/** The lock of the one key runs out, as if its time were over. */
async function lapse(redis: TestRedis): Promise<void> {
  const client = new Redis(redis.url, { maxRetriesPerRequest: 1 });
  const keys = (await client.keys('*')).filter((key) => key.includes('idempotency'));
  expect(keys.length).toBe(1);
  await client.hset(keys[0] as string, 'lock', 0);
  client.disconnect();
}

describeRedis('processes that share a Redis', () => {
  test('ID-5: of 20 at once with one key over two of them one is executed, and both replay it', async () => {
    await using redis = await startRedis();
    await using origin = await startHoldingOrigin();
    await using one = await gatewayOf(origin, redis);
    await using other = await gatewayOf(origin, redis);
    const all = Array.from({ length: 20 }, (_, i) => postKeyed([one, other][i % 2]?.port as number));
    await until(async () => (await count(one, 'in_flight')) + (await count(other, 'in_flight')) === 19, 'the 19');
    origin.go();
    expect((await Promise.all(all)).map(told).sort()).toEqual(['201', ...Array(19).fill('409 IDEMPOTENCY_KEY_IN_FLIGHT')]);
    const replays = [await postKeyed(one.port), await postKeyed(other.port)];
    expect(replays.map(told)).toEqual(Array(2).fill('201 replayed'));
    expect(replays.map(({ body }) => body.toString())).toEqual(Array(2).fill('{"id":1}'));
    expect(told(await postKeyed(other.port, { body: '{}' }))).toBe('409 IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
    expect(origin.requests.length).toBe(1);
  });

  test('ID-5: one waits for what the other does', async () => {
    await using redis = await startRedis();
    await using origin = await startHoldingOrigin();
    await using one = await gatewayOf(origin, redis);
    await using other = await gatewayOf(origin, redis, { onInFlight: 'wait' });
    const first = postKeyed(one.port);
    await until(() => origin.requests.length === 1, 'the first');
    const second = postKeyed(other.port);
    await until(async () => (await other.metrics()).value('plumbline_idempotency_waiting') === 1, 'the second');
    origin.go();
    expect([told(await first), told(await second), origin.requests.length]).toEqual(['201', '201 replayed', 1]);
  });

  test('ID-5: a stale owner cannot overwrite what another has done in its place', async () => {
    await using redis = await startRedis();
    await using origin = await startHoldingOrigin();
    await using slow = await gatewayOf(origin, redis, { onUnknown: 'run' });
    await using other = await gatewayOf(origin, redis, { onUnknown: 'run' });
    const c = await connectRaw(slow.port);
    sendRequest(c, keyedLines(), payment);
    await until(() => origin.requests.length === 1, 'the first');
    await lapse(redis);
    const second = postKeyed(other.port);
    await until(() => origin.requests.length === 2, 'the second');
    origin.go();
    expect(told(await second)).toBe('201');
    await c.readUntil('{"id":1}'); // its own caller has its answer all the same
    c.destroy();
    for (const gateway of [slow, other]) {
      const replay = await postKeyed(gateway.port);
      expect([told(replay), replay.body.toString()]).toEqual(['201 replayed', '{"id":2}']);
    }
    expect((await slow.metrics()).value('plumbline_idempotency_stale_total')).toBe(1);
    expect(origin.requests.length).toBe(2);
  });

  test('ID-5: a gateway that is killed in mid-flight: refused while its lock holds, unknown afterwards, executed once', async () => {
    await using redis = await startRedis();
    await using origin = await startHoldingOrigin();
    await using survivor = await gatewayOf(origin, redis);
    await using killed = await startGatewayProcess({
      upstream: origin.port,
      openapi: PAYMENTS,
      route: { policies: { idempotency: { scope: 'shared' } } },
      sections: store(redis),
    });
    const c = await connectRaw(killed.port);
    sendRequest(c, keyedLines({ fields: ['X-Request-Timeout-Ms: 1000'] }), payment);
    await until(() => origin.requests[0]?.state === 'ended', 'the request at the upstream');
    killed.kill('SIGKILL');
    await killed.exited;
    c.destroy();
    expect(told(await postKeyed(survivor.port))).toBe('409 IDEMPOTENCY_KEY_IN_FLIGHT');
    // The lock: what there was of the deadline, and 5 s.
    await until(async () => told(await postKeyed(survivor.port)) === '409 IDEMPOTENCY_KEY_OUTCOME_UNKNOWN', 'the end of the lock', 20_000);
    expect(told(await postKeyed(survivor.port, { body: 'other' }))).toBe('409 IDEMPOTENCY_KEY_OUTCOME_UNKNOWN');
    expect([origin.requests.length, await count(survivor, 'new')]).toEqual([1, 0]);
  }, 60_000);

  test('ID-8: without Redis a required key is refused, others go on; an outcome is stored when it is back', async () => {
    await using redis = await startRedis();
    await using origin = await startHoldingOrigin();
    await using gateway = await gatewayOf(origin, redis, { required: ['createPayment'] }, '100ms');
    const first = postKeyed(gateway.port, { key: 'before' });
    await until(() => origin.requests.length === 1, 'the first');
    redis.pause();
    origin.go();
    expect(told(await first)).toBe('201'); // it does not wait for Redis
    expect(told(await postKeyed(gateway.port))).toBe('503 IDEMPOTENCY_UNAVAILABLE');
    expect(told(await postKeyed(gateway.port, { target: '/refunds' }))).toBe('201');
    expect(await count(gateway, 'bypassed')).toBe(1);
    redis.resume();
    await until(async () => told(await postKeyed(gateway.port, { key: 'before' })) === '201 replayed', 'the outcome in Redis', 20_000);
    expect(origin.requests.length).toBe(2);
  }, 60_000);
});
