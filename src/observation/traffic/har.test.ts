import { describe, expect, it } from 'vitest';
import { readHar } from './har.ts';
import type { RecordedBody, RecordedExchange } from './recorded.ts';

const entry = (request: object = {}, response: object = {}, more: object = {}): object => ({
  startedDateTime: '2026-11-22T09:00:00.000+01:00',
  request: { method: 'GET', url: 'https://api.example/v1/users?limit=2', headers: [], bodySize: 0, ...request },
  response: { status: 200, headers: [], content: { size: 0, mimeType: '' }, bodySize: 0, ...response },
  ...more,
});
const read = (...entries: unknown[]) => readHar({ log: { version: '1.2', entries } });
const only = (...[request, response]: Parameters<typeof entry>): RecordedExchange => {
  const [exchange] = read(entry(request, response))?.exchanges ?? [];
  if (exchange === undefined) throw new Error('not read');
  return exchange;
};
const text = (body: RecordedBody): string => (typeof body === 'string' ? body : Buffer.from(body).toString());

describe('an HTTP Archive', () => {
  it('gives what went over the wire', () => {
    expect(
      only(
        { method: 'POST', headers: [{ name: 'X-A', value: '1' }], postData: { mimeType: 'text/plain', text: 'hé' }, bodySize: 3 },
        { status: 201 },
      ),
    ).toEqual({
      where: 'entry 1',
      at: Date.parse('2026-11-22T08:00:00Z'),
      method: 'POST',
      host: 'api.example',
      scheme: 'https',
      path: '/v1/users',
      query: 'limit=2',
      requestHeaders: ['X-A', '1', 'Content-Type', 'text/plain'],
      requestBody: Buffer.from('hé'),
      status: 201,
      responseHeaders: [],
      responseBody: 'absent',
    });
  });

  it.each([
    ['https://API.Example:443/a', 'api.example', '/a', ''],
    ['http://api.example:8080?x=1#f', 'api.example:8080', '/', 'x=1'],
    ['http://user:secret@api.example/a%2Fb', 'api.example', '/a%2Fb', ''],
  ])('a URL: %s', (url, host, path, query) => {
    expect(only({ url })).toMatchObject({ host, path, query });
  });

  it('bodies are plain, and no header says otherwise; what HTTP/2 puts before headers is none', () => {
    const coded = [
      { name: ':status', value: '200' },
      { name: 'Content-Encoding', value: 'gzip' },
      { name: 'content-length', value: '20' },
      { name: 'Content-Type', value: 'application/json' },
      { name: 'Set-Cookie', value: 'a=1\nb=2' },
    ];
    const { responseHeaders, responseBody } = only(
      {},
      { headers: coded, content: { size: 2, mimeType: 'x/y', text: 'e30=', encoding: 'base64' } },
    );
    expect(responseHeaders).toEqual(['content-length', '20', 'Content-Type', 'application/json', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
    expect(text(responseBody)).toBe('{}');
  });

  it.each<readonly [string, object, object, string, string]>([
    [
      'a form in pieces',
      { postData: { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'a b', value: '1&2' }] } },
      {},
      'a+b=1%262',
      'absent',
    ],
    ['parts in pieces', { postData: { mimeType: 'multipart/form-data', params: [{ name: 'a', value: '1' }] } }, {}, 'unrecorded', 'absent'],
    ['a body that was not kept', { bodySize: 7 }, { content: { size: 9 } }, 'unrecorded', 'unrecorded'],
    ['a text that was not kept', { bodySize: 7, postData: { mimeType: 'text/plain' } }, { bodySize: 4 }, 'unrecorded', 'unrecorded'],
    [
      'a text that was cut off',
      { bodySize: 3, postData: { mimeType: 'text/plain', text: 'ab' } },
      { content: { size: 5, text: 'abcd' } },
      'unrecorded',
      'unrecorded',
    ],
    ['a size of less than there is', { bodySize: 1, postData: { text: 'ab' } }, { content: { size: 3, text: 'abcd' } }, 'ab', 'abcd'],
    ['a size that nobody knows', { bodySize: -1 }, { content: { size: -1 }, bodySize: -1 }, 'absent', 'unrecorded'],
    ['a size that nobody knows, sent', { method: 'POST', bodySize: -1 }, { content: { size: -1, text: '' } }, 'unrecorded', 'absent'],
    [
      'a size that the head knows',
      { method: 'DELETE', bodySize: -1, headers: [{ name: 'Content-Length', value: '9' }] },
      { content: {}, bodySize: 0 },
      'unrecorded',
      'absent',
    ],
    ['a length of none', { method: 'PUT', bodySize: -1, headers: [{ name: 'Content-Length', value: '0' }] }, {}, 'absent', 'absent'],
    ['sizes that are none', { bodySize: '7' }, { content: { size: [], text: 7 }, bodySize: {} }, 'absent', 'unrecorded'],
  ])('%s', (_, request, response, sent, got) => {
    const { requestBody, responseBody } = only(request, response);
    expect([text(requestBody), text(responseBody)]).toEqual([sent, got]);
  });

  it('tells of entries that are no exchanges, and reads the others', () => {
    const recording = read(
      entry({}, { status: 0 }),
      null,
      entry({ method: 'GET /' }),
      entry({ url: 'wss://api.example/' }),
      entry({}, {}, { startedDateTime: 'yesterday' }),
      entry(),
      entry({}, { status: 103 }),
      entry({}, {}, { startedDateTime: 5 }),
      entry({ method: 'GET\u001b[2J' }),
    );
    expect(recording?.unread).toEqual([
      { where: 'entry 1', why: 'it was not answered' },
      { where: 'entry 2', why: 'it has no request or no response' },
      { where: 'entry 3', why: 'its request has no method' },
      { where: 'entry 4', why: 'its request has no http(s) URL' },
      { where: 'entry 5', why: 'its startedDateTime is no instant' },
      { where: 'entry 7', why: 'it was not answered' },
      { where: 'entry 8', why: 'its startedDateTime is no instant' },
      { where: 'entry 9', why: 'its request has no method' },
    ]);
    expect(recording?.exchanges.map(({ where }) => where)).toEqual(['entry 6']);
  });

  it.each([[null], [[]], [{ log: {} }], [{ log: { entries: {} } }], ['log']])('%j is none', (value) => {
    expect(readHar(value)).toBeUndefined();
  });

  it('headers that are none are left out', () => {
    expect(only({ headers: [null, { name: 'A' }, { name: 1, value: '1' }, { name: 'B', value: '2' }] }).requestHeaders).toEqual(['B', '2']);
    expect(only({ headers: 'A: 1' }).requestHeaders).toEqual([]);
    const strange = ['', ':path', 'a b', 'a\u001b[31m', 'a\u202e', 'ä', 'a\n', 'x'.repeat(300)].map((name) => ({ name, value: '1' }));
    expect(only({ headers: [...strange, { name: 'B', value: '2' }] }).requestHeaders).toEqual(['B', '2']);
  });
});
