import { describe, expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';

function warnings(route: string, more = ''): string[] {
  const text = `listeners: { in: {} }\nroutes:\n  - { name: r, listener: in, ${route} }\n${more}`;
  const { problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/etc/plumbline', env: {} });
  return problems.map((p) => `${p.severity} ${p.code} ${p.pointer}`);
}

const SMALL = 'upstream: { url: "http://a", connections: 50 }';

describe('places and connections', () => {
  test("a limit above the upstream's connections is warned of where it is written", () => {
    expect(warnings(`${SMALL}, policies: { concurrency: { limit: 51 } }`)).toEqual([
      'warning limit_over_connections /routes/0/policies/concurrency/limit',
    ]);
    expect(warnings(SMALL, 'policies: { concurrency: {} }')).toEqual(['warning limit_over_connections /routes/0/upstream']);
  });

  test('as many, fewer, or none: nothing is said', () => {
    expect(warnings(`${SMALL}, policies: { concurrency: { limit: 50 } }`)).toEqual([]);
    expect(warnings(SMALL)).toEqual([]);
    expect(warnings('upstream: "http://a", policies: { concurrency: {} }')).toEqual([]);
  });

  test("the route's own policy replaces the one at the top", () => {
    expect(warnings(`${SMALL}, policies: { concurrency: { limit: 10 } }`, 'policies: { concurrency: { limit: 100 } }')).toEqual([]);
  });

  test('nothing is derived from what is wrong itself', () => {
    expect(
      warnings('upstream: { url: "http://a", connections: 0 }, policies: { concurrency: {} }').filter((w) => w.startsWith('warning')),
    ).toEqual([]);
  });
});

test('a circuit that opens for longer than `maxOpen`', () => {
  expect(warnings('upstream: "http://a", policies: { circuitBreaker: { open: 61s } }')).toEqual([
    'warning open_over_max /routes/0/policies/circuitBreaker/open',
  ]);
  expect(warnings('upstream: "http://a"', 'policies: { circuitBreaker: { open: 2s, maxOpen: 1s } }')).toEqual([
    'warning open_over_max /policies/circuitBreaker/open',
  ]);
  expect(warnings('upstream: "http://a", policies: { circuitBreaker: {} }')).toEqual([]);
});
