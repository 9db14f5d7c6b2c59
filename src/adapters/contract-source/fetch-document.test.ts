import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateFor, describeTls } from '../../../test/kit/certificate.ts';
import { type DocumentServer, startDocumentServer } from '../../../test/kit/document-server.ts';
import { type Fetched, type FetchOptions, fetchDocument } from './fetch-document.ts';

let server: DocumentServer;
beforeAll(async () => {
  server = await startDocumentServer({ '/a.json': '{"a":1}' });
});
afterAll(() => server.close());

const get = (path: string, more: Partial<FetchOptions> = {}): Promise<Fetched> =>
  fetchDocument(path.startsWith('http') ? path : server.url + path, { trusted: '127.0.0.1', maxBytes: 1024, ...more });

const reason = async (path: string, more: Partial<FetchOptions> = {}): Promise<string> => {
  const fetched = await get(path, more);
  return fetched.is === 'failed' ? fetched.reason : fetched.is;
};

/** The server answers with this, until the test is over. */
function answering(answer: DocumentServer['answer']): Disposable {
  server.answer = answer;
  return {
    [Symbol.dispose]: () => {
      server.answer = () => false;
    },
  };
}

describe('a document', () => {
  it('is fetched, and then asked for by what the server said of it', async () => {
    const first = await get('/a.json');
    if (first.is !== 'new') throw new Error(first.is);
    expect(Buffer.from(first.bytes).toString()).toBe('{"a":1}');
    expect(first.foundAt).toBe(`${server.url}/a.json`);
    expect(await get('/a.json', { validators: first.validators })).toEqual({ is: 'same' });
    expect(server.requests.at(-1)?.headers['if-none-match']).toBe(first.validators.etag);
    server.files.set('/a.json', '{"a":2}');
    expect((await get('/a.json', { validators: first.validators })).is).toBe('new');
    server.files.set('/a.json', '{"a":1}');
  });

  it('is asked for by its date where there is no tag', async () => {
    const date = 'Sat, 21 Nov 2026 10:00:00 GMT';
    using _ = answering((req, res) => {
      const same = req.headers['if-modified-since'] === date;
      res.writeHead(same ? 304 : 200, { 'Last-Modified': date }).end(same ? undefined : 'x');
      return true;
    });
    const first = await get('/dated');
    if (first.is !== 'new') throw new Error(first.is);
    expect(first.validators).toEqual({ etag: undefined, lastModified: date });
    expect(await get('/dated', { validators: first.validators })).toEqual({ is: 'same' });
  });

  it.each<[string, DocumentServer['answer'], Partial<FetchOptions>, RegExp]>([
    ['a 404', (_, res) => res.writeHead(404).end() !== undefined, {}, /^it answered 404$/],
    ['a 304 to what was no condition', (_, res) => res.writeHead(304).end() !== undefined, {}, /^it answered 304$/],
    ['206', (_, res) => res.writeHead(206).end('x') !== undefined, {}, /^it answered 206$/],
    ['a coding', (_, res) => res.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x') !== undefined, {}, /Content-Encoding gzip/],
    [
      'an announced size',
      (_, res) => res.writeHead(200, { 'Content-Length': 5000 }).end('x'.repeat(5000)) !== undefined,
      {},
      /larger than/,
    ],
    ['a size that comes by and by', (_, res) => res.writeHead(200).write('x'.repeat(5000)), { maxBytes: 4999 }, /larger than/],
    ['an end too early', (_, res) => res.writeHead(200, { 'Content-Length': 50 }).write('x', () => res.destroy()), {}, /broke off|aborted/],
    ['no answer', () => true, { idleMs: 50 }, /^no byte for 0\.05 s$/],
    ['a slow answer', (_, res) => drip(res), { timeoutMs: 200, idleMs: 10_000 }, /^not here within 0\.2 s$/],
  ])('%s is no document', async (_, answer, more, expected) => {
    using __ = answering(answer);
    expect(await reason('/x', more)).toMatch(expected);
  });

  it('that nobody serves is none', async () => {
    const gone = await startDocumentServer();
    await gone.close();
    expect(await reason(`${gone.url}/a.json`)).toMatch(/ECONNREFUSED/);
  });
});

describe('what a server said of one resource', () => {
  it('is no condition for another one, to which the URL leads by now (RFC 9110 §8.8): it may be older', async () => {
    const said = { validators: { etag: '"1"', lastModified: 'Sat, 21 Nov 2026 10:00:00 GMT' } };
    let target = '/v2';
    using _ = answering((req, res) => {
      const conditional = req.headers['if-none-match'] !== undefined || req.headers['if-modified-since'] !== undefined;
      if (req.url === '/latest') res.writeHead(302, { Location: target }).end();
      else res.writeHead(conditional ? 304 : 200).end(conditional ? undefined : req.url);
      return true;
    });
    const known = { ...said, foundAt: `${server.url}/v2` };
    expect(await get('/latest', known)).toEqual({ is: 'same' });
    target = '/v1';
    expect(await get('/latest', known)).toMatchObject({ is: 'new', foundAt: `${server.url}/v1` });
  });
});

it.each(['identity', 'Identity', ''])('Content-Encoding %j is none', async (coding) => {
  using _ = answering((_, res) => res.writeHead(200, { 'Content-Encoding': coding }).end('x') !== undefined);
  expect((await get('/x')).is).toBe('new');
});

it.each(['168.63.129.16', '[fd20:ce::254]', '[fd00:c1::a9fe:a9fe]', '[fd00:42::42]', '[::ffff:a9fe:a9fe]'])(
  'a cloud tells its secrets at %s',
  async (host) => expect(await reason(`https://${host}/`)).toMatch(/may not be asked/),
);

describe('a redirect', () => {
  const to =
    (location: string | ((path: string) => string)): DocumentServer['answer'] =>
    (req, res) => {
      if (req.url === '/a.json') return false;
      res.writeHead(302, { Location: typeof location === 'string' ? location : location(req.url ?? '') }).end('elsewhere');
      return true;
    };

  it('is followed, and what is found is known to be there', async () => {
    using _ = answering(to((path) => (path === '/v1/moved' ? '../again#part' : '/a.json')));
    expect(await get('/v1/moved')).toMatchObject({ is: 'new', foundAt: `${server.url}/a.json` });
  });

  it.each([
    ['in a circle', '/round', /^more than 5 redirects$/],
    ['to http elsewhere', 'http://example.com/a.json', /http:\/\/ is possible on loopback only/],
    ['to http elsewhere in this machine', 'http://[::1]/a.json', /which is not https/],
    ['to a file', 'file:///etc/passwd', /is not possible/],
    ['with credentials', 'https://a:b@example.com/a', /has credentials/],
    ['to the link', 'https://169.254.169.254/latest/meta-data', /169\.254\.169\.254 may not be asked/],
    ['to this machine by another name', 'https://[::ffff:127.0.0.1]/', /may not be asked/],
    ['to no URL', 'https://', /no URL/],
  ])('%s is not', async (_, location, expected) => {
    using __ = answering(to(location));
    expect(await reason('/x')).toMatch(expected);
  });

  it('into this machine, by a name that leads there, is refused when the name is looked up', async () => {
    using _ = answering(to(`https://localhost:${server.port}/a.json`));
    expect(await reason('/x')).toMatch(/^localhost is (127\.0\.0\.1|::1), which may not be asked$/);
    // From outside the operator has not even named loopback.
    expect(await reason('/a.json', { trusted: 'example.com' })).toMatch(/may not be asked/);
  });
});

describeTls('over https', () => {
  it('only certificates are believed that the system believes', async () => {
    const { key, cert } = certificateFor('localhost');
    const https = createServer({ key, cert }, (_, res) => res.end('{}'));
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    const url = `https://localhost:${(https.address() as AddressInfo).port}/a.json`;
    const before = tls.getCACertificates();
    try {
      expect(await reason(url, { trusted: 'localhost' })).toMatch(/certificate/);
      tls.setDefaultCACertificates([...before, cert]);
      expect(await reason(url, { trusted: 'localhost' })).toBe('new');
    } finally {
      tls.setDefaultCACertificates(before);
      https.close();
      https.closeAllConnections();
    }
  });
});

/** A byte now and then, for as long as somebody reads. */
function drip(res: Parameters<DocumentServer['answer']>[1]): boolean {
  res.writeHead(200);
  const timer = setInterval(() => res.write('x'), 20);
  res.on('close', () => clearInterval(timer));
  return true;
}
