import { describe, expect, it } from 'vitest';
import { parseConfiguration, parseWithoutFile } from './parse.ts';

const parse = (contract: string) =>
  parseConfiguration({
    text: `listeners: { in: {} }\ncontracts: { c: { ${contract} } }\nroutes: [{ name: r, listener: in, upstream: "http://a", contract: c }]\n`,
    file: 'plumbline.yaml',
    dir: '/etc/plumbline',
    env: {},
  });
const settings = (contract: string) => parse(contract).settings?.contracts.c;
const problems = (contract: string): string[] =>
  parse(contract).problems.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`);

describe('where a contract comes from', () => {
  it.each([
    ['c.yaml', '/etc/plumbline/c.yaml'],
    ['contracts/', '/etc/plumbline/contracts'],
    ['../c.yaml', '/etc/c.yaml'],
    ['https://a.example/v1/openapi.yaml?ref=main', 'https://a.example/v1/openapi.yaml?ref=main'],
    ['http://127.0.0.1:8080/c.json', 'http://127.0.0.1:8080/c.json'],
    ['http://localhost/c.json', 'http://localhost/c.json'],
    ['http://[::1]/c.json', 'http://[::1]/c.json'],
  ])('%s', (openapi, path) => {
    expect(problems(`openapi: "${openapi}"`)).toEqual([]);
    expect(settings(`openapi: "${openapi}"`)?.path).toBe(path);
  });

  it.each([
    ['http://a.example/c.yaml', 'is not safe: http:// is possible on loopback only, else https://'],
    ['http://127.0.0.1.example/c.yaml', 'is not safe: http:// is possible on loopback only, else https://'],
    ['ftp://a.example/c.yaml', 'is not possible; possible: https://, and http:// on loopback'],
    ['https://a.example/c.yaml#/x', 'has a fragment'],
    ['https://a.example:0/c.yaml', 'has port 0'],
    ['https://', 'is not a URL like https://example.com/openapi.yaml'],
    ['https://a.example/with blank', 'is not a URL like https://example.com/openapi.yaml'],
  ])('not %s', (openapi, why) => {
    expect(problems(`openapi: "${openapi}"`)).toEqual([`malformed /contracts/c/openapi "${openapi}" ${why}`]);
  });

  it('not with credentials, which are not repeated', () => {
    const [only = '', ...others] = problems('openapi: "https://user:s3cr3t@a.example/c.yaml"');
    expect(others).toEqual([]);
    expect(only).toContain('has credentials');
    expect(only).not.toContain('s3cr3t');
  });
});

describe('how often it is asked for', () => {
  it('is a minute, or as it is said', () => {
    expect(settings('openapi: "https://a/c.yaml"')).toMatchObject({ pollMs: 60_000, refs: 'files' });
    expect(settings('openapi: "https://a/c.yaml", poll: 5s')?.pollMs).toBe(5000);
    expect(settings('openapi: c.yaml, refs: https, poll: 5s')).toMatchObject({ pollMs: 5000, refs: 'https' });
  });

  it('means nothing where nothing comes over the network', () => {
    expect(problems('openapi: c.yaml, poll: 5s')).toEqual([
      expect.stringMatching(/^not_allowed \/contracts\/c\/poll nothing is polled here/),
    ]);
    expect(problems('openapi: "https://a/c.yaml", poll: 10ms')).toEqual([expect.stringMatching(/^\w+ \/contracts\/c\/poll .*1s/)]);
  });
});

it.each([
  ['https://a.example/billing/openapi.yaml?ref=main', 'billing'],
  ['https://a.example/v1/things.openapi.json', 'things'],
  ['https://a.example/openapi.json', 'api'],
])('`run --spec %s` names it %s', (spec, name) => {
  const given = { spec: { value: spec, origin: '--spec' }, upstream: { value: 'http://a', origin: '--upstream' }, enforce: undefined };
  const { settings: got } = parseWithoutFile(given, { dir: '/srv', overrides: [] });
  expect(got?.contracts[name]?.path).toBe(spec);
});
