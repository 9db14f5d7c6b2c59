import { describe, expect, it } from 'vitest';
import { exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { Issues } from '../../core/schema.ts';
import type { Answer, Stage } from '../../core/stage.ts';
import { loadShedSchema } from './config.ts';
import { loadShed } from './stage.ts';

function compiled(config: object = {}, deps = fakeDeps()) {
  const issues = new Issues();
  const stage: Stage = loadShed.compile(loadShedSchema.parse(config, [], issues), routeSpec(), deps);
  expect(issues.list).toEqual([]);
  const ask = (): Answer | undefined => stage.onRequest?.(exchange(), undefined) as Answer | undefined;
  return { deps, ask, code: () => ask()?.rejection?.code };
}

describe('LS-1: load shedding', () => {
  it('DF-2: has the defaults of the reference', () => {
    expect(loadShedSchema.parse({}, [], new Issues())).toEqual({ eventLoopLagMs: 100, inFlight: 10_000 });
  });

  it('LS-1: refuses what would be one more than may be in flight', () => {
    const { deps, code } = compiled({ inFlight: 3 });
    deps.inFlight = 2;
    expect(code()).toBeUndefined();
    deps.inFlight = 3;
    expect(code()).toBe('OVERLOADED');
    expect(deps.meter.series('shed_total')).toEqual({ 'api=billing,reason=in_flight': 1 });
  });

  it('LS-1: refuses a share by the lag, and the rest passes', () => {
    const { deps, code, ask } = compiled({ eventLoopLag: '100ms' });
    deps.lagMs = 150;
    for (let i = 0; i < 30; i++) {
      ask();
      deps.clock.advance(50);
    }
    deps.random.nextUnit = 0.51;
    expect(code()).toBeUndefined();
    const before = deps.meter.value('shed_total', { reason: 'lag' });
    deps.random.nextUnit = 0.49;
    expect(code()).toBe('OVERLOADED');
    expect(deps.meter.value('shed_total', { reason: 'lag' })).toBe(before + 1);
  });

  it('LS-1: says when to come again', () => {
    const { deps, ask } = compiled({ inFlight: 1 });
    deps.inFlight = 1;
    expect([ask()?.status, ask()?.rejection?.headers]).toEqual([503, ['Retry-After', '1']]);
  });

  it('LS-1: sheds upgrades too', () => {
    const stage: Stage = loadShed.compile({ eventLoopLagMs: 100, inFlight: 1 }, routeSpec(), fakeDeps());
    expect(stage.skipsUpgrades).toBeUndefined();
  });

  it('LS-1: a reload does not forget how long the loop has been late, and takes new numbers', () => {
    const { deps, ask } = compiled({ eventLoopLag: '100ms' });
    deps.lagMs = 150;
    for (let i = 0; i < 30; i++) {
      ask();
      deps.clock.advance(50);
    }
    expect(compiled({ eventLoopLag: '50ms' }, deps).code()).toBe('OVERLOADED');
    expect(compiled({ eventLoopLag: '100ms', inFlight: 1 }, deps).code()).toBe('OVERLOADED');
  });
});
