/** The corpus' own judges: what they let pass the corpus cannot find. */
import { expect, test } from 'vitest';
import { readAnswer } from './strict-answer.ts';
import { partOfRequest, readRequest } from './strict-request.ts';

const OPEN = { ended: false, wasReset: false };
const HEAD = 'GET / HTTP/1.1\r\nHost: x\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

const request = (text: string) => readRequest(Buffer.from(text, 'latin1'), 0);
const answer = (text: string, method = 'GET', ending = OPEN) => readAnswer(Buffer.from(text, 'latin1'), 0, method, ending);

test.each([
  ['no body', `${HEAD}\r\nGET`, '', HEAD.length + 2],
  ['a length', `${HEAD}Content-Length: 3\r\n\r\nabcGET`, 'abc', HEAD.length + 24],
  ['chunks', `${CHUNKED}2\r\nab\r\n1\r\nc\r\n0\r\n\r\nGET`, 'abc', CHUNKED.length + 18],
])('a request with %s is read, and not a byte more', (_, text, body, length) => {
  expect(request(text)).toMatchObject({ method: 'GET', target: '/', body: Buffer.from(body), whole: true, length });
});

test.each([
  ['a head without its end', HEAD],
  ['a body without its end', `${HEAD}Content-Length: 3\r\n\r\nab`],
  ['chunks without the last', `${CHUNKED}2\r\nab\r\n`],
  ['the last chunk without the empty line', `${CHUNKED}0\r\n`],
])('%s is not whole', (_, text) => {
  expect(request(text)).toBeUndefined();
});

test.each([
  ['two Hosts', `${HEAD}Host: x\r\n\r\n`],
  ['no Host', 'GET / HTTP/1.1\r\nA: 1\r\n\r\n'],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: x\r\n\r\n'],
  ['absolute-form', 'GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['two spaces', 'GET  / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an asterisk with GET', 'GET * HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a bare LF', `${HEAD}A: 1\nB: 2\r\n\r\n`],
  ['a bare CR', `${HEAD}A: 1\rB: 2\r\n\r\n`],
  ['a folded line', `${HEAD}A: 1\r\n b\r\n\r\n`],
  ['a space before the colon', `${HEAD}A : 1\r\n\r\n`],
  ['a NUL', `${HEAD}A: \0\r\n\r\n`],
  ['a length with chunks', `${HEAD}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['two lengths that agree', `${HEAD}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
  ['a length with a sign', `${HEAD}Content-Length: +1\r\n\r\na`],
  ['a coding before chunked', `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['a chunk extension', `${CHUNKED}1;a\r\na\r\n0\r\n\r\n`],
  ['a chunk that is too long', `${CHUNKED}1\r\nab\r\n0\r\n\r\n`],
  ['a trailer', `${CHUNKED}0\r\nA: 1\r\n\r\n`],
  ['Expect', `${HEAD}Expect: 100-continue\r\n\r\n`],
  ['TE', `${HEAD}TE: trailers\r\n\r\n`],
  ['Connection that names a field', `${HEAD}Connection: close, x\r\n\r\n`],
  ['two request IDs', `${HEAD}X-Request-ID: a\r\nx-request-id: b\r\n\r\n`],
])('no upstream may see %s', (_, text) => {
  expect(request(text)).toEqual(expect.any(String));
});

test('of a request that broke off its beginning is read', () => {
  expect(partOfRequest(Buffer.from(`${CHUNKED}2\r\nab\r\n5\r\nc`), 0)).toMatchObject({ whole: false, body: Buffer.from('abc') });
  expect(partOfRequest(Buffer.from(`${HEAD}Content-Length: 5\r\n\r\nab`), 0)).toMatchObject({ whole: false, body: Buffer.from('ab') });
});

test('interim answers go with the final one, and the next one is left', () => {
  const text = 'HTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  expect(answer(`${text}HTTP`)).toMatchObject({
    status: 200,
    body: Buffer.from('ok'),
    interim: [{ status: 103, fields: ['A', '1'] }],
    length: text.length,
  });
});

test('an answer without framing is whole at a FIN, cut at a reset, and open before', () => {
  const text = 'HTTP/1.1 200 OK\r\n\r\nok';
  expect(answer(text)).toBeUndefined();
  expect(answer(text, 'GET', { ended: true, wasReset: false })).toMatchObject({ framing: 'close', whole: true, body: Buffer.from('ok') });
  expect(answer(text, 'GET', { ended: true, wasReset: true })).toMatchObject({ whole: false });
});

test('an answer that broke off is not whole', () => {
  const ended = { ended: true, wasReset: false };
  const long = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab';
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n';
  expect([answer(long), answer(long, 'GET', ended)]).toMatchObject([undefined, { whole: false, body: Buffer.from('ab') }]);
  expect([answer(chunked), answer(chunked, 'GET', ended)]).toMatchObject([undefined, { whole: false, body: Buffer.from('ab') }]);
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
])('%s has no body in %j', (method, text) => {
  expect(answer(text, method)).toMatchObject({ whole: true, framing: 'none', length: text.length });
});

test.each(['HTTP/1.0 200 OK\r\n\r\n', 'HTTP/1.1 099 Low\r\n\r\n', 'HTTP/1.1 200\r\n\r\n', 'HTTP/1.1 200 OK\nA: 1\r\n\r\n', '{}\r\n\r\n'])(
  'no client may get %j',
  (text) => {
    expect(answer(text)).toEqual(expect.any(String));
  },
);
