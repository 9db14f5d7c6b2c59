import { describe, expect, it } from 'vitest';
import { type Sla, countedLatency, latencyObjectives, ownershipOf, slaSchema } from './ownership.ts';
import { Issues } from './schema.ts';

function read(written: unknown): { readonly sla: Sla; readonly issues: string[] } {
  const issues = new Issues();
  const sla = slaSchema.parse(written, [], issues);
  return { sla, issues: issues.list.map(({ code, path }) => `${code} ${path.join('.')}`) };
}

const owner = (team?: string, oncall?: string, support?: string) => ({ team, oncall, support });

describe('what was promised', () => {
  it('is read as people write it', () => {
    const { sla, issues } = read({ availability: 0.999, latency: { p95: '300ms', 'p99.9': '1.5s' } });
    expect([issues, latencyObjectives(sla)]).toEqual([
      [],
      [
        { percentile: 'p95', share: 0.95, thresholdMs: 300 },
        { percentile: 'p99.9', share: 0.999, thresholdMs: 1500 },
      ],
    ]);
  });

  it.each<readonly [unknown, string]>([
    [{ availability: 99.9 }, 'out_of_range availability'],
    [{ availability: 'high' }, 'wrong_type availability'],
    [{ latency: { p95: 300 } }, 'wrong_type latency.p95'],
    [{ latency: { p95: '0ms' } }, 'out_of_range latency.p95'],
    [{ latency: { p100: '1s' } }, 'malformed latency.p100'],
    [{ latency: { p0: '1s' } }, 'malformed latency.p0'],
    [{ latency: { 'p00.0': '1s' } }, 'malformed latency.p00.0'],
    [{ latency: { '95': '1s' } }, 'malformed latency.95'],
    [{ latency: { p95: '1s', 'p95.0': '2s' } }, 'not_allowed latency.p95.0'],
    [{ uptime: 1 }, 'unknown_key uptime'],
    ['gold', 'wrong_type '],
  ])('is refused as %j', (written, issue) => {
    expect(read(written).issues).toEqual([issue]);
  });

  it('names each percentile in one way, the lowest first', () => {
    const names = latencyObjectives(read({ latency: { 'p99.0': '3s', p05: '1ms' } }).sla).map(({ percentile }) => percentile);
    expect(names).toEqual(['p5', 'p99']);
    expect(latencyObjectives(read({ latency: { 'p99.90': '3s', 'p0.1': '1ms' } }).sla)).toMatchObject([
      { percentile: 'p0.1', share: 0.001 },
      { percentile: 'p99.9', share: 0.999 },
    ]);
  });

  it('is counted at the highest percentile', () => {
    expect(countedLatency(read({ latency: { p99: '1s', p50: '10ms' } }).sla)).toEqual({
      percentile: 'p99',
      share: 0.99,
      thresholdMs: 1000,
    });
    expect([countedLatency(undefined), countedLatency(read({ availability: 1 }).sla)]).toEqual([undefined, undefined]);
  });
});

describe('whose it is', () => {
  const none = { owner: undefined, sla: undefined };

  it('is nobody’s where nobody says', () => {
    expect([ownershipOf(none, undefined), ownershipOf(none, none)]).toEqual([none, none]);
  });

  it('comes member by member from the configuration, else from the document', () => {
    const declared = { owner: owner('a', 'b', 'c'), sla: { availability: 0.9, latency: { p95: 1, p99: 2 } } };
    expect(ownershipOf(none, declared)).toEqual(declared);
    expect(ownershipOf({ owner: owner('z', 'y', 'x'), sla: undefined }, declared).owner).toEqual(owner('z', 'y', 'x'));
    expect(ownershipOf({ owner: owner(undefined, 'x'), sla: { availability: 0.99, latency: {} } }, declared)).toEqual({
      owner: owner('a', 'x', 'c'),
      sla: { availability: 0.99, latency: { p95: 1, p99: 2 } },
    });
    expect(ownershipOf({ owner: undefined, sla: { availability: undefined, latency: { p50: 3 } } }, declared)).toEqual({
      owner: owner('a', 'b', 'c'),
      sla: { availability: 0.9, latency: { p50: 3 } },
    });
    const configured = { owner: owner('z'), sla: undefined };
    expect(ownershipOf(configured, undefined)).toEqual(configured);
  });
});
