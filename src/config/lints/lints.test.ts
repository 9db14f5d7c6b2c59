import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import type { Contract } from '../../core/contract.ts';
import { parseConfiguration } from '../parse.ts';
import type { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import { lintConfiguration } from './lints.ts';
import { withRepeatStories } from './repeats.ts';

function settings(contracts: string, routes: readonly string[]): Settings {
  const text = `listeners: { in: { port: 1 }, out: { port: 2, direction: egress } }
contracts: ${contracts}
routes:
${routes.map((route, i) => `  - { name: r${i}, ${route} }`).join('\n')}
`;
  const { settings: read, problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
  if (read === undefined) throw new Error(JSON.stringify(problems));
  return read;
}

/** A contract whose operations stand at these paths, named by them. */
function at(...paths: readonly string[]): Contract {
  const operations = paths.map((id) => fakeOperation({ id }));
  return { ...fakeContract(operations), pathsOf: ({ id }) => [id] };
}

const brief = (problems: readonly Problem[]): string[] => problems.map((p) => `${p.severity} ${p.code} ${p.line} ${p.pointer}`);
const found = (of: Settings, contract?: Contract): string[] => brief(lintConfiguration(of, () => contract));

const OWNED = '{ c: { openapi: c.yaml, owner: { team: t } } }';
const UNOWNED = '{ c: { openapi: c.yaml, owner: { oncall: "#t" } } }';

describe('owners', () => {
  it('a dependency without one is a warning, an API of our own an info', () => {
    expect(found(settings(UNOWNED, ['listener: out, upstream: "http://a", contract: c']))).toEqual(['warning no_owner 2 /contracts/c']);
    expect(found(settings(UNOWNED, ['listener: in, upstream: "http://a", contract: c']))).toEqual(['info no_owner 2 /contracts/c']);
  });

  it('is nothing where there is one, or where no route uses the contract', () => {
    expect(found(settings(OWNED, ['listener: out, upstream: "http://a", contract: c']))).toEqual([]);
    expect(found(settings(UNOWNED, ['listener: in, upstream: "http://a"'])).filter((p) => p.includes('no_owner'))).toEqual([]);
  });

  it('is nothing where the document itself names one', () => {
    const declaring = (team: string | undefined): Contract => ({
      ...at('/a'),
      declared: { owner: { team, oncall: undefined, support: undefined }, sla: undefined },
    });
    const route = ['listener: out, upstream: "http://a", contract: c'];
    expect(found(settings(UNOWNED, route), declaring('theirs'))).toEqual([]);
    expect(found(settings(UNOWNED, route), declaring(undefined))).toEqual(['warning no_owner 2 /contracts/c']);
  });
});

describe('upstreams without a contract', () => {
  it('each host once, by where its traffic goes', () => {
    const of = settings('{}', [
      'listener: out, upstream: "http://partner"',
      'listener: out, upstream: "http://partner", match: { path: /b }',
      'listener: in, upstream: "http://own:3000"',
    ]);
    expect(found(of)).toEqual(['warning no_contract 4 /routes/0', 'info no_contract 6 /routes/2']);
  });

  it('one route with a contract is enough for its host', () => {
    const of = settings(OWNED, [
      'listener: out, upstream: "http://a"',
      'listener: out, upstream: "http://a", contract: c, match: { path: /b }',
    ]);
    expect(found(of)).toEqual([]);
  });
});

describe('operations that no route leads to', () => {
  const reach = (route: string, ...paths: readonly string[]): string[] =>
    found(settings(OWNED, [`listener: in, contract: c, ${route}`]), at(...paths)).map((p) => p.split(' ')[1] ?? '');

  it.each<readonly [route: string, path: string, reached: boolean]>([
    ['upstream: "http://a"', '/pets', true],
    ['upstream: "http://a", match: { path: /v1 }', '/v1/pets', true],
    ['upstream: "http://a", match: { path: /v1 }', '/v1', true],
    ['upstream: "http://a", match: { path: /v1 }', '/v10/pets', false],
    ['upstream: "http://a", match: { path: /v1 }', '/pets', false],
    ['upstream: "http://a", match: { path: /v1/pets }', '/v1', false],
    ['upstream: "http://a", match: { path: /v1 }', '/{version}/pets', true],
    ['upstream: "http://a", match: { path: /a%20b }', '/a b/c', true],
    ['upstream: { url: "http://a", stripPrefix: /v1 }, match: { path: /v1 }', '/pets', true],
    ['upstream: { url: "http://a", stripPrefix: /api }, match: { path: /api/v1 }', '/v1/pets', true],
    ['upstream: { url: "http://a", stripPrefix: /api }, match: { path: /api/v1 }', '/v2/pets', false],
    ['upstream: { url: "http://a", stripPrefix: /v1/x }, match: { path: /v1 }', '/anything', true],
  ])('%s and %s: %s', (route, path, reached) => {
    expect(reach(route, path)).toEqual(reached ? [] : ['unreachable_operation']);
  });

  it('one route that leads there is enough', () => {
    const of = settings(OWNED, [
      'listener: in, contract: c, upstream: "http://a", match: { path: /v1 }',
      'listener: in, contract: c, upstream: "http://a", match: { path: /v2 }',
    ]);
    expect(found(of, at('/v1/a', '/v2/b'))).toEqual([]);
    const [problem] = lintConfiguration(of, () => at('/v1/a', '/v3/b'));
    expect(problem?.message).toBe('no route leads to /v3/b: the upstream gets paths below /v1, /v2, and /v3/b is at /v3/b');
  });

  it('all of them are told as all', () => {
    const of = settings(OWNED, ['listener: in, contract: c, upstream: "http://a", match: { path: /v1 }']);
    const [problem] = lintConfiguration(of, () => at('/a', '/b'));
    expect(problem?.message).toContain('no route leads to any of its 2 operations');
    expect(problem?.pointer).toBe('/routes/0/contract');
  });

  it('webhooks have no paths', () => {
    expect(found(settings(OWNED, ['listener: out, contract: c, upstream: "http://a", webhooks: x']), at('/a'))).toEqual([]);
  });
});

describe('a contract of webhooks alone', () => {
  const hooks: Contract = { ...at(), webhooks: { names: ['a'], named: () => at() } };
  const route = (more: string): string[] => found(settings(OWNED, [`listener: in, contract: c, upstream: "http://a"${more}`]), hooks);

  it('needs a word on how requests name them', () => {
    expect(route('')).toEqual(['warning webhooks_not_named 4 /routes/0/contract']);
    expect(route(', webhooks: a')).toEqual([]);
    expect(found(settings(OWNED, ['listener: in, contract: c, upstream: "http://a"']), at())).toEqual([]);
  });
});

describe('repeat stories', () => {
  const told: Problem = {
    severity: 'warning',
    code: 'no_repeat_story',
    message: '',
    file: 'c.yaml',
    line: 1,
    column: 1,
    pointer: '/x',
    contract: 'c',
  };
  const KEYED = 'listener: in, contract: c, upstream: "http://a", policies: { idempotency: { scope: shared } }';
  const PLAIN = 'listener: in, contract: c, upstream: "http://a", match: { path: /b }';

  it('routes that take keys give their operations one', () => {
    expect(withRepeatStories([told], settings(OWNED, [KEYED]))).toEqual([]);
    expect(withRepeatStories([{ ...told, code: 'other' }], settings(OWNED, [KEYED]))).toHaveLength(1);
  });

  it('all of them must', () => {
    expect(withRepeatStories([told], settings(OWNED, [KEYED, PLAIN]))).toEqual([told]);
    expect(withRepeatStories([told], settings(OWNED, [PLAIN]))).toEqual([told]);
    expect(withRepeatStories([{ ...told, contract: 'd' }], settings(OWNED, [KEYED]))).toHaveLength(1);
  });
});
