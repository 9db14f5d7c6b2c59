import { expect, it } from 'vitest';
import { parseConfiguration } from './parse.ts';

function parsed(consumers: string, contracts = '{ billing: { openapi: b.yaml } }') {
  const routes = 'routes: [{ name: r, listener: in, upstream: "http://a", contract: billing }]';
  const text = `listeners: { in: { port: 1 } }\ncontracts: ${contracts}\n${routes}\nconsumers: ${consumers}`;
  const { settings, problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
  return { settings, told: problems.map(({ severity, code, line, pointer, suggestion }) => [severity, code, line, pointer, suggestion]) };
}

it('says who consumers are and what they were built on', () => {
  const { settings, told } = parsed('{ web-shop: { team: shop, oncall: "#shop", contracts: { billing: "1.10" } }, "my tool": {} }');
  expect(told).toEqual([]);
  expect({ ...settings?.consumers }).toEqual({
    'web-shop': { team: 'shop', oncall: '#shop', support: undefined, contracts: { billing: '1.10' } },
    'my tool': { team: undefined, oncall: undefined, support: undefined, contracts: {} },
  });
});

it.each<readonly [consumers: string, code: string, pointer: string, suggestion: string | undefined]>([
  ['{ shop: { contracts: { biling: "1.4" } } }', 'unknown_contract', '/consumers/shop/contracts/biling', 'billing'],
  ['{ shop: { contracts: { billing: 1.10 } } }', 'wrong_type', '/consumers/shop/contracts/billing', undefined],
  ['{ shop: { contracts: { billing: "" } } }', 'malformed', '/consumers/shop/contracts/billing', undefined],
  ['{ shop: { tema: x } }', 'unknown_key', '/consumers/shop/tema', 'team'],
  ['{ " shop": {} }', 'malformed', '/consumers/ shop', undefined],
])('%s is refused', (consumers, code, pointer, suggestion) => {
  expect(parsed(consumers).told).toEqual([['error', code, 4, pointer, suggestion]]);
});

it('media types of routes: two ways to write one are one', () => {
  const of = (mediaType: string) => {
    const text = `listeners: { in: { port: 1 } }\nroutes: [{ name: r, listener: in, upstream: "http://a", match: { mediaType: ${JSON.stringify(mediaType)} } }]`;
    const { settings, problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
    return settings?.routes[0]?.match.mediaType ?? problems.map(({ code, message }) => `${code}: ${message}`).join('; ');
  };
  expect(of('Application/Vnd.B+JSON')).toBe('application/vnd.b+json');
  expect(of('a/b; Version="2" ;lang=EN')).toBe('a/b;lang=en;version=2');
  expect(of('a/*')).toContain('is a range');
  expect(of('a/b;q=0.5')).toContain('q is a weight');
  expect(of('a/b;x="a b"')).toContain('is not a media type');
  expect(of('json')).toContain('is not a media type');
});

it('two routes of one media type are told apart by nothing; of two types, by the request', () => {
  const of = (a: string, b: string): string[] => {
    const route = (name: string, mediaType: string) =>
      `{ name: ${name}, listener: in, upstream: "http://a", match: { mediaType: ${mediaType} } }`;
    const text = `listeners: { in: { port: 1 } }\nroutes: [${route('x', a)}, ${route('y', b)}]`;
    return parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} }).problems.map(({ code }) => code);
  };
  expect(of('a/b', 'A/B')).toEqual(['same_match']);
  expect(of('a/b', 'a/c')).toEqual([]);
  expect(of('a/b', 'a/b;version=2')).toEqual([]);
});
