import { describe, expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';
import type { RouteSettings } from './settings.ts';

/** The policies of a route that has these of its own, below these at the top level. */
function policies(own: string, top: string): RouteSettings['policies'] | undefined {
  const text = `listeners: { in: {} }\nroutes: [{ name: r, listener: in, policies: ${own}, upstream: "http://a" }]\npolicies: ${top}\n`;
  const { problems, settings } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
  expect(problems).toEqual([]);
  return settings?.routes[0]?.policies;
}

describe('a policy of a route', () => {
  test('is that at the top level where the route has none', () => {
    const deadline = policies('{}', '{ deadline: { total: 15s, connect: 2s } }')?.deadline;
    expect(deadline).toMatchObject({ totalMs: 15_000, connectMs: 2000 });
    expect(policies('{}', '{ contract: { maxBodyBytes: 2MiB } }')?.contract.maxBodyBytes).toBe(2 ** 21);
  });

  test('replaces that at the top level whole', () => {
    const deadline = policies('{ deadline: { attempt: 3s } }', '{ deadline: { total: 15s, connect: 2s } }')?.deadline;
    expect(deadline).toEqual({ totalMs: undefined, attemptMs: 3000, connectMs: 1000, idleMs: 300_000, aliases: [] });
    const contract = policies('{ contract: { response: off } }', '{ contract: { countRefused: true, maxBodyBytes: 2MiB } }')?.contract;
    expect(contract).toMatchObject({ response: 'off', countRefused: false, maxBodyBytes: 2 ** 20 });
  });
});
