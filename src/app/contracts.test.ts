import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { settingsOf } from '../../test/kit/gateway-config.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import type { Settings } from '../config/settings.ts';
import { Contracts, type LoadedContracts } from './contracts.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-contracts-'));
afterAll(() => rmSync(dir, { recursive: true }));

const ANSWER = { responses: { 200: { description: 'ok' } } };

function document(version: string, more: object = {}): string {
  const paths = { '/a': { get: { operationId: 'getA', ...ANSWER } }, ...more };
  return JSON.stringify({ openapi: '3.1.0', info: { title: 't', version }, paths });
}

const BROKEN = '{"openapi": "3.1.0", "paths": [';

function write(name: string, text: string): void {
  writeFileSync(join(dir, name), text);
}

function settings(contracts: Record<string, object>, route: object = {}): Settings {
  const all = Object.fromEntries(Object.entries(contracts).map(([name, more]) => [name, { openapi: `${name}.json`, ...more }]));
  return settingsOf({ upstream: 1, route, sections: { contracts: all } }, dir);
}

let contracts: Contracts;
let messages: string[];
let meter: RecordingMeter;
beforeEach(() => {
  meter = new RecordingMeter();
  messages = [];
  const log = (_: object, message: string): void => void messages.push(message);
  contracts = new Contracts(new FakeClock(), meter, { info: log, warn: log, error: log });
  write('a.json', document('1'));
  write('b.json', document('1'));
});

async function take(of: Settings, how: 'whole' | 'each'): Promise<LoadedContracts> {
  const loaded = await contracts.load(of, how);
  if (loaded.fatal.length > 0) contracts.refuse(loaded);
  else contracts.take(loaded);
  return loaded;
}

const states = (): string[] => contracts.items().map(({ name, version, state }) => `${name} ${version} ${state}`);
const success = (api: string): number => meter.value('contract_reload_success', { api });
const reloads = (): Record<string, number> => meter.series('contract_reloads_total');

describe('a contract that has not changed', () => {
  it('is the same compiled one, whatever else changes', async () => {
    const first = await take(settings({ a: {} }), 'whole');
    const second = await take(settings({ a: { owner: { team: 'x' } }, b: {} }), 'whole');
    expect(second.byName.get('a')).toBe(first.byName.get('a'));
    expect(second.changed).toBe(true);
    const third = await take(settings({ a: { owner: { team: 'x' } }, b: {} }), 'each');
    expect(third.changed).toBe(false);
    expect(reloads()).toEqual({});
  });

  it('is loaded anew where its settings are others', async () => {
    const first = await take(settings({ a: {} }), 'whole');
    const second = await take(settings({ a: { basePath: '/v1' } }), 'whole');
    expect(second.byName.get('a')).not.toBe(first.byName.get('a'));
  });

  it('but for a file that it refers to, has changed', async () => {
    const answer = (text: string) => JSON.stringify({ description: text });
    write('ok.json', answer('1'));
    write('a.json', document('1', { '/b': { get: { responses: { 200: { $ref: 'ok.json' } } } } }));
    const first = await take(settings({ a: {} }), 'whole');
    expect(first.files.map(({ path }) => path)).toEqual([join(dir, 'a.json'), join(dir, 'ok.json')]);
    write('ok.json', answer('2'));
    const second = await take(settings({ a: {} }), 'each');
    expect(second.byName.get('a')?.digest).not.toBe(first.byName.get('a')?.digest);
    expect(reloads()).toEqual({ 'api=a,outcome=taken': 1 });
  });
});

describe('a new version that cannot be used', () => {
  it('leaves the older one in force, and is told of; others are taken', async () => {
    const both = settings({ a: {}, b: {} });
    const first = await take(both, 'whole');
    write('a.json', BROKEN);
    write('b.json', document('2'));
    const { byName, changed, fatal, refusals } = await take(both, 'each');
    expect([fatal, changed]).toEqual([[], true]);
    expect(refusals).toMatchObject([{ severity: 'error', contract: 'a', file: join(dir, 'a.json'), line: 1 }]);
    expect(byName.get('a')).toBe(first.byName.get('a'));
    expect(states()).toEqual(['a 1 refused', 'b 2 active']);
    expect(contracts.items()[0]?.error).toContain(`${join(dir, 'a.json')}:1:`);
    expect([success('a'), success('b')]).toEqual([0, 1]);
    expect(reloads()).toEqual({ 'api=a,outcome=refused': 1, 'api=b,outcome=taken': 1 });
  });

  it('is read once, and taken back without loading anything', async () => {
    const first = await take(settings({ a: {} }), 'whole');
    write('a.json', BROKEN);
    await take(settings({ a: {} }), 'each');
    await take(settings({ a: {} }), 'each');
    expect(reloads()).toEqual({ 'api=a,outcome=refused': 1 });
    write('a.json', document('1'));
    const back = await take(settings({ a: {} }), 'each');
    expect([back.changed, back.byName.get('a') === first.byName.get('a')]).toEqual([false, true]);
    expect([states(), success('a')]).toEqual([['a 1 active'], 1]);
  });

  it('that is gone altogether, too', async () => {
    await take(settings({ a: {} }), 'whole');
    rmSync(join(dir, 'a.json'));
    const { refusals } = await take(settings({ a: {} }), 'each');
    expect(refusals).toMatchObject([{ code: 'file_unreadable' }]);
    expect(states()).toEqual(['a 1 refused']);
  });

  it('is fatal to a new configuration, as at a start; what is in force says why', async () => {
    await take(settings({ a: {} }), 'whole');
    write('a.json', BROKEN);
    const { fatal } = await take(settings({ a: {}, b: {} }), 'whole');
    expect(fatal).toMatchObject([{ contract: 'a' }]);
    expect(states()).toEqual(['a 1 refused']);
    expect([success('a'), reloads()]).toEqual([0, { 'api=a,outcome=refused': 1 }]);
  });

  it('is not fatal with `onError: proxy`: the older one serves on, and where there is none traffic passes', async () => {
    const proxy = (names: string[]) => settings(Object.fromEntries(names.map((name) => [name, { onError: 'proxy' }])));
    await take(proxy(['a']), 'whole');
    write('a.json', BROKEN);
    write('b.json', BROKEN);
    const { fatal, byName } = await take(proxy(['a', 'b']), 'whole');
    expect([fatal, [...byName.keys()], states()]).toEqual([[], ['a'], ['a 1 refused', 'b  missing']]);
    write('b.json', document('1'));
    await take(proxy(['a', 'b']), 'each');
    expect(states()).toEqual(['a 1 refused', 'b 1 active']);
  });

  it('is one that lacks an operation which a route names', async () => {
    const naming = settings({ a: {} }, { contract: 'a', policies: { contract: { operations: { getA: { request: 'enforce' } } } } });
    await take(naming, 'whole');
    write('a.json', document('2').replace('getA', 'getB'));
    const { refusals, changed } = await take(naming, 'each');
    expect(refusals).toMatchObject([{ code: 'unknown_operation', contract: 'a' }]);
    expect([changed, states()]).toEqual([false, ['a 1 refused']]);
  });
});

describe('the metrics', () => {
  it('have one contract_info a contract, of the version in force', async () => {
    await take(settings({ a: { owner: { team: 'x' } } }), 'whole');
    for (const version of ['2', '3']) {
      write('a.json', document(version));
      await take(settings({ a: { owner: { team: 'x' } } }), 'each');
    }
    const digest = contracts.items()[0]?.digest;
    expect(meter.series('contract_info')).toEqual({ [`api=a,contract_version=3,digest=${digest},owner=x`]: 1 });
  });

  it('forget what the configuration has no more', async () => {
    await take(settings({ a: {}, b: {} }), 'whole');
    await take(settings({ b: {} }), 'whole');
    expect(meter.series('contract_reload_success')).toEqual({ 'api=b': 1 });
    expect(Object.keys(meter.series('contract_info'))).toHaveLength(1);
  });
});

describe('whose a contract is, and what was promised', () => {
  const declaring = (version: string, declared: object): string =>
    JSON.stringify({ ...JSON.parse(document(version)), info: { title: 't', version, 'x-plumbline': declared } });
  const objectives = (): Record<string, number> => ({
    ...meter.series('sla_objective_ratio'),
    ...meter.series('sla_latency_objective_seconds'),
    ...meter.series('sla_latency_objective_ratio'),
  });
  const THEIRS = { owner: { team: 'theirs', oncall: '#theirs' }, sla: { availability: 0.99, latency: { p95: '300ms', p98: '1s' } } };

  it('stands in the document', async () => {
    write('a.json', declaring('1', THEIRS));
    const { byName } = await take(settings({ a: {} }), 'whole');
    expect(meter.series('contract_info')).toEqual({ [`api=a,contract_version=1,digest=${byName.get('a')?.digest},owner=theirs`]: 1 });
    expect(meter.series('sla_objective_ratio')).toEqual({ 'api=a,owner=theirs': 0.99 });
    expect(meter.series('sla_latency_objective_ratio')).toEqual({ 'api=a,owner=theirs': 0.98 });
    expect(meter.series('sla_latency_objective_seconds')).toEqual({
      'api=a,owner=theirs,percentile=p95': 0.3,
      'api=a,owner=theirs,percentile=p98': 1,
    });
    expect(contracts.items()[0]).toMatchObject({
      owner: { team: 'theirs', oncall: '#theirs' },
      sla: { availability: 0.99, latency: { p95: 300, p98: 1000 } },
    });
  });

  it('or in the configuration, which wins member by member', async () => {
    write('a.json', declaring('1', THEIRS));
    await take(settings({ a: { owner: { team: 'ours' }, sla: { latency: { p50: '50ms' } } } }), 'whole');
    expect(contracts.items()[0]).toMatchObject({
      owner: { team: 'ours', oncall: '#theirs' },
      sla: { availability: 0.99, latency: { p50: 50 } },
    });
    expect(meter.series('sla_latency_objective_seconds')).toEqual({ 'api=a,owner=ours,percentile=p50': 0.05 });
    expect(meter.series('sla_latency_objective_ratio')).toEqual({ 'api=a,owner=ours': 0.5 });
  });

  it('goes with the version that said it, and with the contract', async () => {
    write('a.json', declaring('1', THEIRS));
    await take(settings({ a: {} }), 'whole');
    write('a.json', declaring('2', { owner: { team: 'others' }, sla: { availability: 0.5 } }));
    await take(settings({ a: {} }), 'each');
    expect(objectives()).toEqual({ 'api=a,owner=others': 0.5 });
    await take(settings({ b: {} }), 'whole');
    expect([objectives(), contracts.items()[0]]).toMatchObject([{}, { owner: null, sla: null }]);
    expect(meter.born('sla_objective_ratio')).toBe(0);
  });

  it('changes with the configuration alone', async () => {
    await take(settings({ a: { sla: { availability: 0.9 } } }), 'whole');
    await take(settings({ a: { owner: { team: 'x' }, sla: { availability: 0.95 } } }), 'whole');
    expect(objectives()).toEqual({ 'api=a,owner=x': 0.95 });
  });

  it('holds where the document cannot be had, as far as the configuration says it', async () => {
    write('a.json', BROKEN);
    await take(settings({ a: { onError: 'proxy', sla: { availability: 0.9 } } }), 'whole');
    expect([objectives(), meter.series('contract_info')]).toEqual([{ 'api=a,owner=': 0.9 }, {}]);
  });

  it('where it cannot be read, makes the version one that is refused: the older one serves on with what it said', async () => {
    write('a.json', declaring('1', THEIRS));
    await take(settings({ a: {} }), 'whole');
    write('a.json', declaring('2', { sla: { availability: 99.9 } }));
    const { refusals } = await take(settings({ a: {} }), 'each');
    expect(refusals.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(['bad_ownership /info/x-plumbline/sla/availability']);
    expect([states(), meter.value('sla_objective_ratio')]).toEqual([['a 1 refused'], 0.99]);
  });
});
