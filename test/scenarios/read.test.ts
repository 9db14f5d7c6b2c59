import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readScenario } from './read.ts';

const HEAD = ['case: 4', 'title: colours', '--- document', 'openapi: 3.1.0'];
const file = (...lines: readonly string[]): ReturnType<typeof readScenario> => readScenario('a/b.txt', [...HEAD, ...lines].join('\n'));
const request = (...lines: readonly string[]) => file('--- valid: one', ...lines, '= request valid').exchanges[0]?.request;
const bytes = (message: ReturnType<typeof request>): string => Buffer.concat([...(message?.bytes ?? [])]).toString();

describe('a scenario file', () => {
  it('has a header, documents, a configuration and exchanges', () => {
    const scenario = file(
      '--- document parts.yaml',
      'a: 1',
      '--- config',
      'response: off',
      '--- edge: one',
      '> GET / HTTP/1.1',
      '= request valid',
    );
    expect(scenario).toMatchObject({ file: 'a/b.txt', hardCase: 4, title: 'colours', noInvalid: undefined, config: { response: 'off' } });
    expect([...scenario.files]).toEqual([
      ['openapi.yaml', 'openapi: 3.1.0'],
      ['parts.yaml', 'a: 1'],
    ]);
    expect(scenario.exchanges).toMatchObject([{ kind: 'edge', title: 'one', line: 9, raw: false, response: undefined }]);
  });

  it('expects verdicts, violations, an answer, or words about the document', () => {
    const { exchanges } = file(
      '--- invalid: all',
      '> GET / HTTP/1.1',
      '= request invalid maxItems path /colour',
      '= request invalid media_type media_type',
      '= response skipped encoding',
      '= status 422',
      '= header X-A: b c',
      '= no-header X-B',
      '= finding undocumented_endpoint GET /a b',
      '= finding undocumented_body',
      '--- edge: no verdict',
      '> GET / HTTP/1.1',
      '= request none',
      '= response invalid untold',
      '= no finding',
      '--- invalid: document',
      '= document error bad_path /paths/x',
    );
    expect(exchanges.map(({ expected }) => expected)).toEqual([
      [
        { about: 'request', is: 'invalid', violation: 'maxItems path /colour' },
        { about: 'request', is: 'invalid', violation: 'media_type media_type' },
        { about: 'response', is: 'skipped', reason: 'encoding' },
        { about: 'status', status: 422 },
        { about: 'header', name: 'X-A', value: 'b c' },
        { about: 'header', name: 'X-B', value: undefined },
        { about: 'finding', found: { kind: 'undocumented_endpoint', what: 'GET /a b' } },
        { about: 'finding', found: { kind: 'undocumented_body', what: '' } },
      ],
      [
        { about: 'request', is: 'none' },
        { about: 'response', is: 'untold' },
        { about: 'finding', found: undefined },
      ],
      [{ about: 'document', severity: 'error', code: 'bad_path', pointer: '/paths/x' }],
    ]);
  });
});

describe('the bytes of a message', () => {
  it('has Host and Content-Length where they are not written', () => {
    expect(bytes(request('> POST / HTTP/1.1', '> A: b', '>', '> {', '>  é', '> }'))).toBe(
      'POST / HTTP/1.1\r\nA: b\r\nHost: service.test\r\nContent-Length: 7\r\n\r\n{\n é\n}',
    );
    expect(bytes(request('> GET / HTTP/1.1', '> host: me'))).toBe('GET / HTTP/1.1\r\nhost: me\r\n\r\n');
  });

  it('is left as it is written after `! raw`', () => {
    expect(bytes(request('! raw', '> GET /', '>', '> x'))).toBe('GET /\r\n\r\nx');
  });

  it('takes codings, bytes, line ends and repetitions from directives', () => {
    const body = (...lines: readonly string[]): Buffer => Buffer.from(request('> POST / HTTP/1.1', '>', ...lines)?.body ?? []);
    expect(gunzipSync(body('>> gzip', '> {"a":', '> 1}')).toString()).toBe('{"a":\n1}');
    expect(body('>> hex ef bb BF', '> {}').toString('hex')).toBe('efbbbf7b7d');
    expect(body('>> crlf', '> a', '> b', '>').toString()).toBe('a\r\nb\r\n');
    expect(body('> [', '>> repeat 3 1, ', '> 1]').toString()).toBe('[1, 1, 1, 1]');
  });

  it('is chunked where a piece is a chunk, and ends with the connection only where nothing else tells', () => {
    expect(bytes(request('> POST / HTTP/1.1', '>', '>> chunk', '> ab', '>> gzip chunk hex 61'))).toMatch(
      /^POST \/ HTTP\/1\.1\r\nHost: service\.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n15\r\n.*\r\n0\r\n\r\n$/s,
    );
    const answer = (...lines: readonly string[]) =>
      file('--- edge: a', '> GET / HTTP/1.1', ...lines, '= response valid').exchanges[0]?.response;
    expect(bytes(answer('< 200'))).toBe('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(bytes(answer('< HTTP/1.1 204 Gone'))).toBe('HTTP/1.1 204 Gone\r\n\r\n');
    expect(answer('< 200', '<', '< x')?.endsWithConnection).toBe(false);
    expect(answer('! raw', '< 200', '<', '< x')?.endsWithConnection).toBe(true);
  });
});

describe('a bad file', () => {
  const one = '--- valid: one';
  const get = '> GET / HTTP/1.1';
  it.each([
    [[], 'a/b.txt:1: there is no exchange'],
    [['--- vaild: one'], 'a/b.txt:5: not a section: --- vaild: one'],
    [['--- valid'], 'a/b.txt:5: a title is missing'],
    [['--- file ../x'], 'a/b.txt:5: ../x cannot be written'],
    [['--- document'], 'a/b.txt:5: openapi.yaml cannot be written, or is written twice'],
    [['--- config', 'a: [', one, get], 'a/b.txt:5: the config is not YAML'],
    [['--- config', '- a', one, get], 'a/b.txt:5: the config must have keys'],
    [['--- config', 'a: 1', '--- config', 'a: 1'], 'a/b.txt:7: a second config'],
    [[one, get], 'a/b.txt:5: nothing is expected'],
    [[one, '= request valid'], 'a/b.txt:5: an exchange has a request'],
    [[one, get, '= document error x'], 'a/b.txt:5: an exchange has a request'],
    [[one, get, '>x'], 'a/b.txt:7: a line of an exchange begins with'],
    [[one, '> GET /', '= request valid'], 'a/b.txt:6: a request begins with'],
    [[one, get, '< fine', '= request valid'], 'a/b.txt:7: an answer begins with its status'],
    [[one, get, '>> gzip', '= request valid'], 'a/b.txt:7: a directive belongs to the body'],
    [[one, get, '>', '>> zip', '= request valid'], 'a/b.txt:8: zip is no directive'],
    [[one, get, '>', '>> hex abc', '= request valid'], 'a/b.txt:8: hex needs pairs'],
    [[one, get, '>', '>> repeat x a', '= request valid'], 'a/b.txt:8: repeat needs a number'],
    [[one, get, '= request fine'], 'a/b.txt:7: cannot be expected: request fine; expected request|response valid'],
    [[one, get, '= request valid path'], 'a/b.txt:7: cannot be expected'],
    [[one, get, '= request invalid required'], 'a/b.txt:7: cannot be expected'],
    [[one, get, '= request skipped'], 'a/b.txt:7: cannot be expected'],
    [[one, get, '= status 2XX'], 'a/b.txt:7: cannot be expected'],
    [[one, get, '= header X'], 'a/b.txt:7: cannot be expected'],
  ])('%j', (lines, message) => {
    expect(() => file(...(lines as string[]))).toThrow(message as string);
  });

  it.each([
    ['', 'a.txt:1: there is no section'],
    ['title: a\ncase: 21\n--- document', 'a.txt:2: 21 is no hard case'],
    ['title: a\ntitle: b\n--- document', 'a.txt:2: a second `title:`'],
    ['titel: a\n--- document', 'a.txt:1: expected `case:`'],
    ['case: 1\n--- document', 'a.txt:1: `title:` is missing'],
    ['title: a\n--- config\na: 1', 'a.txt:1: there is no `--- document`'],
  ])('header %j', (text, message) => {
    expect(() => readScenario('a.txt', text)).toThrow(message);
  });
});
