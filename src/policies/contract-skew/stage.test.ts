import { describe, expect, it } from 'vitest';
import { fakeContract } from '../../../test/kit/contract.ts';
import { exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { Stage } from '../../core/stage.ts';
import { contractSkew } from './stage.ts';

/** The contract in force is 1.2.0. */
function met(given: { builtOn?: string; headers?: readonly string[]; trusted?: boolean; times?: number }) {
  const deps = fakeDeps();
  const route = routeSpec({ contract: fakeContract([]) });
  const builtOn = new Map(given.builtOn === undefined ? [] : [['web-shop', given.builtOn]]);
  const stage = contractSkew.compile({ builtOn }, route, deps) as Stage;
  const x = exchange({ route, headers: given.headers ?? [], trusted: given.trusted ?? true });
  x.consumer = { name: 'web-shop', version: '7' };
  for (let i = 0; i < (given.times ?? 1); i++) stage.onFinish?.(x, 'complete', undefined);
  return { deps, counted: () => deps.meter.series('consumer_contract_skew_total') };
}

const count = (skew: string) => ({ [`direction=ingress,api=billing,consumer=web-shop,skew=${skew}`]: 1 });

describe('a consumer that says which version of the contract it was built on', () => {
  it.each([
    ['1.2', 'same', undefined],
    ['1.1', 'behind_minor', undefined],
    ['0.9', 'behind_major', 'behind_major'],
    ['1.3', 'ahead_minor', 'ahead_minor'],
    ['2.0', 'ahead_major', 'ahead_major'],
    ['2026-01', 'not_comparable', undefined],
  ])('in the configuration, %s: %s', (builtOn, skew, finding) => {
    const { deps, counted } = met({ builtOn });
    expect(counted()).toEqual(count(skew));
    expect(deps.contractSkews).toEqual(finding === undefined ? [] : [{ declared: builtOn, inForce: '1.2.0', skew: finding }]);
  });

  it('in its requests, which go before the configuration', () => {
    expect(met({ headers: ['x-CONTRACT-version', '2.0'], builtOn: '1.2' }).counted()).toEqual(count('ahead_major'));
  });

  it.each(['', 'a b', 'x'.repeat(65), '1.2\u00e9'])('in a form that is none (%j): the configuration holds', (value) => {
    expect(met({ headers: ['X-Contract-Version', value], builtOn: '1.2' }).counted()).toEqual(count('same'));
  });

  it('is not believed where it is a stranger', () => {
    expect(met({ headers: ['X-Contract-Version', '2.0'], trusted: false }).counted()).toEqual({});
    expect(met({ headers: ['X-Contract-Version', '2.0'], builtOn: '1.2', trusted: false }).counted()).toEqual(count('same'));
  });

  it('is told of each time: who listens knows what is new', () => {
    const { deps } = met({ builtOn: '2', times: 3 });
    expect([deps.contractSkews.length, deps.meter.value('consumer_contract_skew_total')]).toEqual([3, 3]);
  });

  it('and one that says nothing is not counted', () => {
    expect(met({}).counted()).toEqual({});
  });

  it('means nothing without a contract', () => {
    expect(contractSkew.compile({ builtOn: new Map() }, routeSpec(), fakeDeps())).toBeUndefined();
  });
});
