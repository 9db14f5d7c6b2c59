import { describe, expect, it } from 'vitest';
import { looksLikeCapture, readCapture } from './capture.ts';

const line = (request: object = {}, response: object = {}, more: object = {}): string =>
  JSON.stringify({
    at: '2026-11-22T09:00:00Z',
    request: { method: 'GET', url: '/v1/users', ...request },
    response: { status: 200, ...response },
    ...more,
  });

describe('a capture', () => {
  it('has one exchange a line', () => {
    const post = line(
      { method: 'POST', url: 'http://API.example:80/v1/users?x=1', headers: [['Content-Type', 'application/json']], body: '{"a":1}' },
      { status: 201, headers: [['Content-Encoding', 'br']], body: { base64: 'AAE=' } },
    );
    expect(readCapture(`${post}\n\n${line({}, { body: null })}\n`)).toEqual({
      exchanges: [
        {
          where: 'line 1',
          at: Date.parse('2026-11-22T09:00:00Z'),
          method: 'POST',
          host: 'api.example',
          scheme: 'http',
          path: '/v1/users',
          query: 'x=1',
          requestHeaders: ['Content-Type', 'application/json'],
          requestBody: Buffer.from('{"a":1}'),
          status: 201,
          responseHeaders: [],
          responseBody: Buffer.from([0, 1]),
        },
        expect.objectContaining({ where: 'line 3', host: '', path: '/v1/users', requestBody: 'absent', responseBody: 'unrecorded' }),
      ],
      unread: [],
    });
  });

  it.each([
    ['{"request":', 'it is no JSON object with `request` and `response`'],
    ['[1]', 'it is no JSON object with `request` and `response`'],
    [line({ method: '' }), '`request.method` is no method'],
    [line({ url: 'v1' }), '`request.url` is no URL and no path'],
    [line({}, { status: 99 }), '`response.status` is no status'],
    [line({}, { status: '200' }), '`response.status` is no status'],
    [line({}, {}, { at: 'now' }), '`at` is no instant'],
    [line({}, {}, { at: 1_795_000_000 }), '`at` is no instant'],
    [line({}, { status: 102 }), '`response.status` is no status'],
    [line({ headers: { a: 'b' } }), '`headers` is no list of [name, value]'],
    [line({ headers: [['a']] }), '`headers` is no list of [name, value]'],
    [line({ headers: [['a', 1]] }), '`headers` is no list of [name, value]'],
    [line({ body: 7 }), '`body` is no text, no {"base64": …} and not null'],
  ])('%s is told of', (text, why) => {
    expect(readCapture(`${line()}\n${text}`)).toMatchObject({ exchanges: [{ where: 'line 1' }], unread: [{ where: 'line 2', why }] });
  });

  it('is known by its first lines', () => {
    expect(looksLikeCapture(`${line()}\n`)).toBe(true);
    expect(looksLikeCapture(line())).toBe(true);
    expect(looksLikeCapture(`\n  \n{"at":"2026\n${line()}`)).toBe(true);
    expect(looksLikeCapture(`${'x\n'.repeat(20)}${line()}`)).toBe(false);
    expect(looksLikeCapture('{"log":{"entries":[]}}')).toBe(false);
    expect(looksLikeCapture('{\n"log": {}}')).toBe(false);
  });
});
