import { expect, it } from 'vitest';
import { Issues } from '../../core/schema.ts';
import { fallbackSchema } from './config.ts';

function read(config: object) {
  const issues = new Issues();
  const value = fallbackSchema.parse(config, [], issues);
  return { value, issues: issues.list.map(({ code, path }) => `${code} ${path.join('.')}`) };
}

it('DF-2: has the defaults of the reference', () => {
  const { value, issues } = read({ static: {}, lastGood: {} });
  expect(issues).toEqual([]);
  expect(value.lastGood).toEqual({ maxBytes: 4 * 1024 * 1024, maxAgeMs: 300_000 });
  expect(value.static).toEqual({ status: 200, headers: { 'Content-Type': 'application/json' }, body: '' });
});

it.each([
  [{}, 'empty '],
  [{ static: { status: 204, body: 'x' } }, 'no_content static.body'],
  [{ static: { status: 304, body: 'x' } }, 'no_content static.body'],
  [{ static: { headers: { 'Content-Length': '3' } } }, 'reserved static.headers.Content-Length'],
  [{ static: { headers: { connection: 'close' } } }, 'reserved static.headers.connection'],
  [{ static: { headers: { 'X-Plumbline-Fallback': 'mine' } } }, 'reserved static.headers.X-Plumbline-Fallback'],
  [{ static: { headers: { 'x-request-id': '1' } } }, 'reserved static.headers.x-request-id'],
  [{ static: { headers: { 'Content-Type': 'a/b', 'content-type': 'c/d' } } }, 'duplicate_name static.headers.content-type'],
  [{ static: { headers: { 'X-A': 'a\r\nX-B: b' } } }, 'malformed static.headers.X-A'],
  [{ static: { status: 101 } }, 'out_of_range static.status'],
  [{ lastGood: { maxBytes: 1 } }, 'out_of_range lastGood.maxBytes'],
])('FB-1: %j is refused: %s', (config, issue) => {
  expect(read(config).issues).toEqual([issue]);
});

it('FB-1: all that is wrong with a fixed answer is told at once', () => {
  const { issues } = read({ static: { headers: { Via: 'a', 'X-Request-ID': 'b' }, status: 204, body: 'c' } });
  expect(issues).toEqual(['reserved static.headers.Via', 'reserved static.headers.X-Request-ID', 'no_content static.body']);
});
