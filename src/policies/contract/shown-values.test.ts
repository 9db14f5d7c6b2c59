import { describe, expect, it } from 'vitest';
import type { Violation } from '../../core/contract.ts';
import { invalid } from '../../../test/kit/contract.ts';
import { ShownValues } from './shown-values.ts';

const violation = (location: Violation['location'], pointer: string): Violation => {
  const outcome = invalid({ location, pointer });
  if (outcome.is !== 'invalid') throw new Error('no violation');
  return { ...(outcome.violations[0] as Violation), value: '"secret"' };
};

describe('values that are told', () => {
  it.each<readonly [names: readonly string[], location: Violation['location'], pointer: string, shown: boolean]>([
    [[], 'body', '/status', false],
    [['status'], 'body', '/status', true],
    [['status'], 'body', '/order/status', true],
    [['order'], 'body', '/order/status', false],
    [['Status'], 'body', '/status', false],
    [['tags'], 'body', '/tags/0', true],
    [['tags'], 'body', '/tags/0/name', false],
    [['0'], 'body', '/tags/0', false],
    [['7'], 'body', '/7', true],
    [['a/b'], 'body', '/a~1b', true],
    [['limit'], 'query', '/limit', true],
    [['x-api-version'], 'header', '/X-Api-Version', true],
    [['X-API-Version'], 'header', '/x-api-version', true],
    [['constructor'], 'body', '', false],
    [[''], 'body', '', false],
  ])('%j: %s %s: %s', (names, location, pointer, shown) => {
    const told = new ShownValues(names).of(violation(location, pointer));
    expect(told.value).toBe(shown ? '"secret"' : undefined);
    expect('value' in told).toBe(shown);
  });

  it('leaves all else as it is', () => {
    const { value: _, ...rest } = violation('body', '/a');
    expect(new ShownValues([]).of({ ...rest, value: '1' })).toEqual(rest);
  });
});
