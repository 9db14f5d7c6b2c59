import { expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';

const ROUTE = (more: string): string => `routes: [{ name: r, listener: in, upstream: "http://a"${more} }]`;
const POLICIES = ['webhook'];

function report(parts: { listener?: string; contract?: string; route?: string; more?: string }): string[] {
  const text = [
    `listeners: { in: { ${parts.listener ?? 'port: 1'} } }`,
    `contracts: { c: { openapi: c.yaml${parts.contract ?? ''} } }`,
    ROUTE(`, contract: c${parts.route ?? ''}`),
    parts.more ?? '',
  ].join('\n');
  const { problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
  return problems.map((p) => `${p.line} ${p.code} ${p.pointer}`);
}

test.each([
  ...POLICIES.map((key) => [{ route: `, policies: { ${key}: {} }` }, `3 not_in_this_version /routes/0/policies/${key}`] as const),
  ...POLICIES.map((key) => [{ more: `policies: { ${key}: null }` }, `4 not_in_this_version /policies/${key}`] as const),
  ...['graphql', 'protobuf', 'events', 'webhooks'].map(
    (key) => [{ contract: `, ${key}: x` }, `2 not_in_this_version /contracts/c/${key}`] as const,
  ),
  [{ listener: 'tls: {}' }, '1 not_in_this_version /listeners/in/tls'],
  [{ listener: 'protocols: [h1, h2c]' }, '1 not_in_this_version /listeners/in/protocols/1'],
  [{ more: 'identity: { consumer: [{ certificate: spiffe }] }' }, '4 not_in_this_version /identity/consumer/0/certificate'],
] as const)('%j is refused by name', (parts, expected) => {
  expect(report(parts)).toEqual([expected]);
});

test.each([
  [`{ url: "https://a" }`, '/routes/0/upstream/url'],
  ['{ url: "http://a", http2: true }', '/routes/0/upstream/http2'],
  ['{ url: "http://a", tls: {} }', '/routes/0/upstream/tls'],
  ['"h2c://a"', '/routes/0/upstream'],
])('upstream %s is refused by name', (upstream, pointer) => {
  const text = `listeners: { in: {} }\n${ROUTE('').replace('"http://a"', upstream)}`;
  const { problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
  expect(problems.map((p) => `${p.line} ${p.code} ${p.pointer}`)).toEqual([`2 not_in_this_version ${pointer}`]);
});
