import { beforeAll, describe, expect, it } from 'vitest';
import { THINGS } from '../../../test/kit/drift-traffic.ts';
import { contractSource } from '../../adapters/contract-source.ts';
import { parseConfiguration } from '../../config/parse.ts';
import type { Settings } from '../../config/settings.ts';
import { loadContract } from '../../contracts/registry.ts';
import type { Contract } from '../../core/contract.ts';
import type { RecordedExchange } from '../../observation/traffic/recorded.ts';
import { type Wanted, configuredSubject, wantedOf } from './configured.ts';
import { headOf } from './holder.ts';
import type { Lane } from './lane.ts';

let contract: Contract;
beforeAll(async () => {
  const read = (): Promise<Uint8Array> => Promise.resolve(Buffer.from(JSON.stringify(THINGS)));
  const options = { name: 'things', uri: '/openapi.json', basePath: 'auto', formats: 'assert' } as const;
  contract = (await loadContract('openapi', { ...options, ...contractSource(), read })).contract as Contract;
});

const route = (name: string, more: object = {}) => ({
  name,
  listener: 'in',
  upstream: 'http://127.0.0.1:3000',
  contract: 'things',
  ...more,
});

function settings(routes: readonly object[], sections: object = {}): Settings {
  const contracts = { things: { openapi: 'things.json' }, others: { openapi: 'others.json' } };
  const listeners = { in: { port: 0 }, strict: { port: 0 }, out: { port: 0, direction: 'egress' } };
  const text = JSON.stringify({ contracts, listeners, routes, ...sections });
  const parsed = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/etc', env: {} });
  if (parsed.settings === undefined) throw new Error(JSON.stringify(parsed.problems));
  return parsed.settings;
}

const wanted = (of: Settings, api?: string, listener?: string): string => {
  const found = wantedOf(of, api, listener);
  return typeof found === 'string' ? found : `${found.contract.name} by ${found.listener.name}`;
};

describe('which contract and listener are meant', () => {
  it.each<readonly [string, readonly object[], string | undefined, string | undefined, string]>([
    ['the one that is said', [route('a')], 'things', undefined, 'things by in'],
    ['one of several must be said', [route('a')], undefined, undefined, '--api says which contract: things, others'],
    ['one that is none', [route('a')], 'thing', undefined, 'the configuration has no contract "thing"; it has things, others'],
    ['an object’s own', [route('a')], 'constructor', undefined, 'the configuration has no contract "constructor"; it has things, others'],
    ['one that no route has', [route('a')], 'others', undefined, 'no route leads to the contract others'],
    [
      'listeners that judge alike',
      [route('a'), route('b', { listener: 'strict', policies: { contract: { request: 'enforce' } } })],
      'things',
      undefined,
      'things by in',
    ],
    [
      'listeners that do not',
      [route('a'), route('b', { listener: 'strict', policies: { contract: { ignore: ['/healthz'] } } })],
      'things',
      undefined,
      '--listener says whose routes: in, strict do not judge things alike',
    ],
    ['one of these', [route('a'), route('b', { listener: 'strict', match: { path: '/v2' } })], 'things', 'strict', 'things by strict'],
    ['one that does not lead there', [route('a')], 'things', 'out', '--listener takes one whose routes lead to things: in'],
  ])('%s', (_, routes, api, listener, expected) => {
    expect(wanted(settings(routes), api, listener)).toBe(expected);
  });

  it('the only contract need not be said; without one there is nothing to hold traffic against', () => {
    expect(wanted(settings([route('a')], { contracts: { things: { openapi: 'things.json' } } }))).toBe('things by in');
    expect(wanted(settings([route('a', { contract: undefined })], { contracts: {} }))).toBe('the configuration has no contract');
  });
});

describe('where a recorded request is led', () => {
  const lane = (of: Settings, recorded: Partial<RecordedExchange>, listener?: string): Lane | undefined => {
    const subject = configuredSubject(wantedOf(of, 'things', listener) as Wanted, contract, new Map());
    const blank = {
      where: '',
      at: 0,
      method: 'GET',
      host: '',
      scheme: 'https',
      path: '/',
      query: '',
      requestHeaders: [],
      requestBody: 'absent',
    } as const;
    return subject.laneOf(headOf({ ...blank, status: 200, responseHeaders: [], responseBody: 'absent', ...recorded }));
  };
  const name = (...given: Parameters<typeof lane>): string | undefined => lane(...given)?.spec.name;

  it('by path, host, method and media type, as the gateway would', () => {
    const of = settings([
      route('all'),
      route('internal', { match: { path: '/internal' }, contract: undefined }),
      route('others', { match: { path: '/others' }, contract: 'others' }),
      route('reads', { match: { path: '/reads', methods: ['GET'] } }),
      route('hosted', { match: { path: '/hosted', host: 'api.example' } }),
    ]);
    expect(name(of, { path: '/v1/things' })).toBe('all');
    expect(name(of, { path: '/internal/x' })).toBeUndefined();
    expect(name(of, { path: '/others/x' })).toBeUndefined();
    expect(name(of, { path: '/reads/x' })).toBe('reads');
    expect(name(of, { path: '/reads/x', method: 'POST' })).toBe('all');
    expect(name(of, { path: '/hosted', host: 'api.example' })).toBe('hosted');
    expect(name(of, { path: '/hosted', host: 'else.example' })).toBe('all');
    expect(name(of, { path: '/hosted', host: 'else.example', requestHeaders: ['Host', 'api.example'] })).toBe('hosted');
  });

  it('a listener without a route for all leads some nowhere', () => {
    expect(name(settings([route('v1', { match: { path: '/v1' } })]), { path: '/v2' })).toBeUndefined();
  });

  it('nothing is refused, and all is looked at; what is not judged, is ignored or may be shown stays so', () => {
    const contractPolicy = {
      request: 'enforce',
      response: 'off',
      maxBodyBytes: '1KiB',
      onUnchecked: 'refuse',
      ignore: ['/healthz'],
      showValues: ['color'],
      operations: { getThing: { request: 'off', response: 'enforce' } },
    };
    const of = settings([
      route('all', {
        upstream: { url: 'http://127.0.0.1:3000', stripPrefix: '/api' },
        match: { path: '/api' },
        policies: { contract: contractPolicy },
      }),
    ]);
    expect(lane(of, { path: '/api/v1' })).toMatchObject({
      stripPrefix: '/api',
      config: {
        request: 'report',
        response: 'off',
        undocumented: 'report',
        sample: 1,
        maxBodyBytes: 64 * 1024 * 1024,
        onUnchecked: 'pass',
        ignore: ['/healthz'],
        showValues: ['color'],
        operations: { getThing: { request: 'off', response: 'report' } },
      },
    });
  });

  it('a share of the traffic is all of it: what is recorded has been paid for', () => {
    expect(lane(settings([route('all', { policies: { contract: { sample: 0.1 } } })]), {})?.config.sample).toBe(1);
  });

  it.each([
    [{ request: 'off' }, 'ignore'],
    [{ request: 'off', undocumented: 'enforce' }, 'report'],
    [{ undocumented: 'ignore' }, 'ignore'],
    [{}, 'report'],
  ])('%j: what is undocumented is a finding, or not: %s', (contractPolicy, undocumented) => {
    expect(lane(settings([route('all', { policies: { contract: contractPolicy } })]), {})?.config.undocumented).toBe(undocumented);
  });

  it('consumers are looked for where the configuration says, and its direction is that of the listener', () => {
    const identity = { consumer: [{ apiKey: { header: 'X-Key' } }] };
    const of = settings([route('all', { listener: 'out', match: { host: 'api.example' } })], { identity });
    expect(lane(of, { host: 'api.example' })).toMatchObject({
      consumers: [{ from: 'apiKey', header: 'x-key' }],
      spec: { direction: 'egress', api: 'things' },
    });
  });
});
