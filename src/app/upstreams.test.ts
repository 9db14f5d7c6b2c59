import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../test/kit/gateway-config.ts';
import type { RouteSettings } from '../config/settings.ts';
import { type Pool, type PoolOptions, Upstreams } from './upstreams.ts';

class FakePool implements Pool {
  readonly options: PoolOptions;
  readonly told: string[] = [];
  readonly usage = { connections: 3, idle: 1, waiting: 2 };
  readonly closed = Promise.withResolvers<void>();

  constructor(options: PoolOptions) {
    this.options = options;
  }
  send(): never {
    throw new Error('nothing is sent here');
  }
  close(): Promise<void> {
    this.told.push('close');
    return this.closed.promise;
  }
  async destroy(): Promise<void> {
    this.told.push('destroy');
  }
}

function route(upstream: number, pool: object = {}, policies: object = {}): RouteSettings {
  return settingsOf({ upstream, pool, route: { policies } }, '/').routes[0] as RouteSettings;
}

function upstreams() {
  const pools: FakePool[] = [];
  const all = new Upstreams((options) => {
    const pool = new FakePool(options);
    pools.push(pool);
    return pool;
  });
  return { all, pools };
}

describe('pools of connections', () => {
  it('tell what they hold, added up by upstream', () => {
    const { all } = upstreams();
    const lease = all.lease();
    expect(all.usage().size).toBe(0);
    lease.of(route(1));
    lease.of(route(1, { connections: 7 }));
    lease.of(route(2));
    expect(Object.fromEntries(all.usage())).toEqual({
      'http://127.0.0.1:1': { connections: 6, idle: 2, waiting: 4 },
      'http://127.0.0.1:2': { connections: 3, idle: 1, waiting: 2 },
    });
  });

  it('are shared by routes and generations that want the same', () => {
    const { all, pools } = upstreams();
    const [first, second] = [all.lease(), all.lease()];
    expect(first.of(route(1))).toBe(first.of(route(1)));
    expect(second.of(route(1))).toBe(pools[0]);
    expect(pools).toHaveLength(1);
    expect(pools[0]?.options).toEqual({ origin: 'http://127.0.0.1:1', connections: 256, idleMs: 4000, connectMs: 1000 });
  });

  it.each([
    ['another upstream', route(2)],
    ['another size', route(1, { connections: 2 })],
    ['another idle time', route(1, { idle: '1s' })],
    ['another time to connect', route(1, {}, { deadline: { connect: '2s' } })],
  ])('are not shared with %s', (_, other) => {
    const { all, pools } = upstreams();
    const lease = all.lease();
    expect(lease.of(route(1))).not.toBe(lease.of(other));
    expect(pools).toHaveLength(2);
  });

  it('end when the last generation that uses them is over, however many routes of it did', () => {
    const { all, pools } = upstreams();
    const [first, second] = [all.lease(), all.lease()];
    first.of(route(1));
    first.of(route(1));
    second.of(route(1));
    first.release();
    first.release();
    expect(pools[0]?.told).toEqual([]);
    second.release();
    expect(pools[0]?.told).toEqual(['close']);
  });

  it('that have ended are made anew for who comes later', () => {
    const { all, pools } = upstreams();
    const first = all.lease();
    first.of(route(1));
    first.release();
    const pool = all.lease().of(route(1));
    expect(pool).toBe(pools[1]);
    expect(pools[1]?.told).toEqual([]);
  });

  it('are broken at the end, those too that still wait for their last answer, and no others', async () => {
    const { all, pools } = upstreams();
    for (const port of [1, 2]) {
      const lease = all.lease();
      lease.of(route(port));
      lease.release();
    }
    all.lease().of(route(3));
    pools[1]?.closed.resolve();
    await pools[1]?.closed.promise;
    await all.destroy();
    expect(pools.map(({ told }) => told)).toEqual([['close', 'destroy'], ['close'], ['destroy']]);
  });
});
