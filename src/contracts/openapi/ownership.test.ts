import { describe, expect, it } from 'vitest';
import { load } from './testing.ts';

const PATHS = 'paths: { /a: { get: { responses: { 200: { description: fine } } } } }\n';
const yaml = (extension: string, version = '3.1.0') => ({
  'api.yaml': `openapi: ${version}\ninfo:\n  title: T\n  version: "1"\n${extension.replace(/^/gm, '  ')}\n${PATHS}`,
});
const told = async (extension: string): Promise<string[]> =>
  (await load(yaml(extension))).problems.map(
    ({ severity, code, line, column, pointer }) => `${severity} ${code} ${line}:${column} ${pointer}`,
  );

describe('info.x-plumbline', () => {
  it.each(['3.0.3', '3.1.0', '3.2.0'])('says in OpenAPI %s who owns it and what was promised', async (version) => {
    const extension =
      'x-plumbline:\n  owner: { team: billing, oncall: "#b", x-more: 1 }\n  sla: { availability: 0.999, latency: { p95: 300ms } }\n  x-note: ours';
    const { contract, problems } = await load(yaml(extension.replace(', x-more: 1', ''), version));
    expect([problems, contract?.declared]).toEqual([
      [],
      { owner: { team: 'billing', oncall: '#b', support: undefined }, sla: { availability: 0.999, latency: { p95: 300 } } },
    ]);
  });

  it('is nothing where it is not there, or empty', async () => {
    expect((await load(yaml('description: none'))).contract?.declared).toBeUndefined();
    expect((await load(yaml('x-plumbline: {}'))).contract?.declared).toBeUndefined();
  });

  it.each([
    ['x-plumbline: billing', 'error bad_ownership 5:3 /info/x-plumbline'],
    ['x-plumbline: { owner: billing }', 'error bad_ownership 5:18 /info/x-plumbline/owner'],
    ['x-plumbline: { owner: { team: 7 } }', 'error bad_ownership 5:27 /info/x-plumbline/owner/team'],
    ['x-plumbline:\n  sla:\n    availability: 99.9', 'error bad_ownership 7:7 /info/x-plumbline/sla/availability'],
    ['x-plumbline: { sla: { latency: { p95: 300 } } }', 'error bad_ownership 5:36 /info/x-plumbline/sla/latency/p95'],
    ['x-plumbline: { sla: { latency: { p101: 1s } } }', 'error bad_ownership 5:36 /info/x-plumbline/sla/latency/p101'],
    ['x-plumbline: { owners: { team: a } }', 'warning unknown_field 5:18 /info/x-plumbline/owners'],
    ['x-plumbline: { sla: { availibility: 0.9 } }', 'warning unknown_field 5:25 /info/x-plumbline/sla/availibility'],
  ])('%s is told with its place', async (extension, expected) => {
    expect(await told(extension)).toEqual([expected]);
  });

  it('says which key was probably meant, and what would be right', async () => {
    const { contract, problems } = await load(yaml('x-plumbline: { owner: { taem: a, oncall: b } }'));
    expect(problems).toMatchObject([{ message: 'x-plumbline has team, oncall, support here', suggestion: 'team' }]);
    expect(contract?.declared?.owner).toEqual({ team: undefined, oncall: 'b', support: undefined });
    expect((await load(yaml('x-plumbline: { sla: { latency: { p95: 300 } } }'))).problems).toMatchObject([
      { message: 'x-plumbline: expected a duration like 250ms, 15s, 5m or 24h, found 300', suggestion: '300s' },
    ]);
  });

  it('that cannot be read makes no contract', async () => {
    expect((await load(yaml('x-plumbline: []'))).contract).toBeUndefined();
  });
});
