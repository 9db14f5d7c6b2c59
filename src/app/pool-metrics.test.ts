import { expect, it } from 'vitest';
import type { PoolUsage } from '../adapters/http1/client/pool.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import { PoolMetrics } from './pool-metrics.ts';
import type { Upstreams } from './upstreams.ts';

const upstreams = (usage: Record<string, PoolUsage>): Upstreams =>
  ({ usage: () => new Map(Object.entries(usage)) }) as unknown as Upstreams;

it('tells what the pools of each upstream hold, and nothing of one that is gone', () => {
  const meter = new RecordingMeter();
  const metrics = new PoolMetrics(meter);
  metrics.publish(
    upstreams({ 'http://a:1': { connections: 5, idle: 2, waiting: 3 }, 'http://b:1': { connections: 1, idle: 1, waiting: 0 } }),
  );
  expect(meter.series('upstream_connections')).toEqual({
    'upstream=http://a:1,state=busy': 3,
    'upstream=http://a:1,state=idle': 2,
    'upstream=http://b:1,state=idle': 1,
  });
  expect(meter.series('upstream_waiting')).toEqual({ 'upstream=http://a:1': 3 });
  metrics.publish(upstreams({ 'http://b:1': { connections: 0, idle: 0, waiting: 0 } }));
  expect([meter.series('upstream_connections'), meter.series('upstream_waiting')]).toEqual([{}, {}]);
});
