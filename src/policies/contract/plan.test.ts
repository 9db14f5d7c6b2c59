import { describe, expect, it } from 'vitest';
import { fakeOperation } from '../../../test/kit/contract.ts';
import { type Given, exchange } from '../../../test/kit/exchange.ts';
import { Issues } from '../../core/schema.ts';
import { type ContractConfig, contractSchema } from './config.ts';
import { Plans } from './plan.ts';

const DEFAULTS = contractSchema.parse({}, [], new Issues());
const known = { operation: fakeOperation({ id: 'createPayment' }), params: new Map() };

function plan(config: Partial<ContractConfig>, given: Given) {
  const { request, response, undocumented } = new Plans({ ...DEFAULTS, ...config }).of(exchange(given));
  return `${request} ${response} ${undocumented}`;
}

describe('what is judged of an exchange', () => {
  it('DF-1: is both sides, in report, of every exchange', () => {
    expect(DEFAULTS).toMatchObject({ request: 'report', response: 'report', sample: 1, maxBodyBytes: 1024 * 1024, onUnchecked: 'pass' });
    expect(DEFAULTS).toMatchObject({ undocumented: undefined, ignore: [], countRefused: false, operations: {} });
  });

  it.each([
    ['off', 'off report ignore'],
    ['report', 'report report report'],
    ['enforce', 'enforce report enforce'],
  ] as const)('CP-1: undocumented defaults to the mode of requests: %s', (request, expected) => {
    expect(plan({ request }, { match: { miss: 'path' } })).toBe(expected);
  });

  it('CP-1: undocumented says otherwise where it is named', () => {
    expect(plan({ request: 'enforce', undocumented: 'ignore' }, { match: { miss: 'path' } })).toBe('enforce report ignore');
    expect(plan({ request: 'off', undocumented: 'enforce' }, { match: { miss: 'path' } })).toBe('off report enforce');
  });

  it('CP-1: an operation has the modes of its own, each for itself', () => {
    const operations = { createPayment: { response: 'enforce' as const }, __proto__x: {} };
    expect(plan({ operations }, { match: known })).toBe('report enforce report');
    expect(plan({ operations: { createPayment: { request: 'off' } } }, { match: known })).toBe('off report report');
    expect(plan({ operations: { other: { request: 'off' } } }, { match: known })).toBe('report report report');
    expect(plan({ operations }, { match: { operation: fakeOperation({ id: 'toString' }), params: new Map() } })).toBe(
      'report report report',
    );
  });

  it.each([
    ['/healthz', 'off off ignore'],
    ['/healthz/live', 'off off ignore'],
    ['/healthzz', 'enforce enforce enforce'],
    ['/a/healthz', 'enforce enforce enforce'],
    ['/docs/', 'off off ignore'],
    ['/docs/x', 'off off ignore'],
    ['/docs', 'enforce enforce enforce'],
  ])('CP-2: with /healthz and /docs/ ignored, %s: %s', (target, expected) => {
    const config: Partial<ContractConfig> = { request: 'enforce', response: 'enforce', ignore: ['/healthz', '/docs/'] };
    expect(plan(config, { target, match: known })).toBe(expected);
    expect(plan(config, { target, match: { miss: 'path' } })).toBe(expected);
  });

  const PREFLIGHT = ['Origin', 'https://shop.example', 'Access-Control-Request-Method', 'PUT'];

  it('CP-2: a CORS preflight that the document does not know is never judged', () => {
    for (const match of [{ miss: 'path' }, { miss: 'method', allow: ['GET'] }] as const)
      expect(plan({ request: 'enforce' }, { method: 'OPTIONS', headers: PREFLIGHT, match })).toBe('off off ignore');
  });

  it('CP-2: one that it knows is, and so is any other OPTIONS', () => {
    expect(plan({ request: 'enforce' }, { method: 'OPTIONS', headers: PREFLIGHT, match: known })).toBe('enforce report enforce');
    expect(plan({ request: 'enforce' }, { method: 'OPTIONS', headers: PREFLIGHT.slice(0, 2), match: { miss: 'path' } })).toBe(
      'enforce report enforce',
    );
    expect(plan({ request: 'enforce' }, { method: 'POST', headers: PREFLIGHT, match: { miss: 'path' } })).toBe('enforce report enforce');
  });

  it('CP-3: a sample below 1 with enforce anywhere is a configuration error', () => {
    const code = (config: object): string | undefined => {
      const issues = new Issues();
      contractSchema.parse({ sample: 0.5, ...config }, [], issues);
      return issues.list[0]?.code;
    };
    expect(code({})).toBeUndefined();
    for (const config of [
      { request: 'enforce' },
      { response: 'enforce' },
      { undocumented: 'enforce' },
      { operations: { createPayment: { response: 'enforce' } } },
    ])
      expect(code(config)).toBe('sample_with_enforce');
  });
});
