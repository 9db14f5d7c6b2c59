/** What both Node's own client and ours take for an answer is the same answer; what ours takes, Node's takes. */
import { request } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

interface Read {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

/** The answer that these bytes are, then a FIN; undefined: none, or one cut short. */
function ours(pieces: readonly string[], method: string): Read | undefined {
  let head: Pick<Read, 'status' | 'headers'> | undefined;
  let body = '';
  let read: Read | undefined;
  const reader = new AnswerReader({
    onInfo: () => undefined,
    onHead: (status, headers) => {
      head = { status, headers };
    },
    onData: (chunk) => {
      body += chunk.toString('latin1');
    },
    onEnd: (trailers) => {
      read = { ...(head as Pick<Read, 'status' | 'headers'>), body, trailers };
    },
    onSwitch: () => undefined,
    onUnreadable: () => undefined,
    onCutShort: () => undefined,
  });
  reader.begin(method, undefined);
  for (const piece of pieces) if (piece !== '') reader.read(Buffer.from(piece, 'latin1'), 'lent');
  reader.fin();
  return read;
}

/** As Node's client reads them, from a connection that is none. */
function nodes(text: string, method: string): Promise<Read | undefined> {
  return new Promise((resolve) => {
    const socket = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const req = request({ method, createConnection: () => socket }, (res) => {
      let body = '';
      res.setEncoding('latin1').on('data', (chunk: string) => {
        body += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.rawHeaders, body, trailers: res.rawTrailers }));
      res.on('error', () => resolve(undefined));
      res.on('aborted', () => resolve(undefined));
    });
    req.on('error', () => resolve(undefined));
    req.on('upgrade', () => resolve(undefined));
    req.end();
    setImmediate(() => {
      socket.push(Buffer.from(text, 'latin1'));
      socket.push(null);
    });
  });
}

const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019!#$%&*+.^_`|~-'), minLength: 1, maxLength: 10 });
const value = fc
  .string({ unit: fc.constantFrom(...'ab Z09\t"(),/:;<=>?@[]{}\\\x80\xe4\xff'), maxLength: 20 })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const fields = fc.array(
  fc.tuple(token, fc.constantFrom('', ' ', '\t', '  '), value).map(([name, blank, text]) => `X-${name}:${blank}${text}`),
  { maxLength: 5 },
);
const text = fc.string({ unit: 'binary-ascii', maxLength: 40 });
const body = fc.oneof(
  text.map((content) => [`Content-Length: ${content.length}`, content] as const),
  text.map((content) => ['Connection: close', content] as const),
  fc
    .tuple(fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }), { maxLength: 4 }), fields)
    .map(([chunks, trailers]) => {
      const sized = chunks.map((chunk) => `${chunk.length.toString(16)};a=b\r\n${chunk}\r\n`).join('');
      return ['Transfer-Encoding: chunked', `${sized}0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`] as const;
    }),
);
const method = fc.constantFrom('GET', 'POST', 'HEAD');
const status = fc.constantFrom(200, 201, 204, 206, 299, 304, 404, 500, 599);
const answer = fc.tuple(status, fields, body, method).map(([code, lines, [framing, content], verb]) => {
  const bodiless = verb === 'HEAD' || code === 204 || code === 304;
  return { text: `${[`HTTP/1.1 ${code} Some reason`, ...lines, framing].join('\r\n')}\r\n\r\n${bodiless ? '' : content}`, verb, code };
});

test('answers that are right are the same to both, in one piece and in any two', async () => {
  await fc.assert(
    fc.asyncProperty(answer, fc.nat(), async ({ text: bytes, verb, code }, cut) => {
      const read = ours([bytes], verb);
      const at = cut % bytes.length;
      expect(ours([bytes.slice(0, at), bytes.slice(at)], verb)).toEqual(read);
      const theirs = await nodes(bytes, verb);
      // A 204 has no framing for us (RFC 9110 §8.6).
      if (code === 204) expect(read).toMatchObject({ status: 204, body: '' });
      else expect(read).toEqual(theirs);
    }),
    { numRuns: 400 },
  );
});

test('answers that were spoilt in one place are never another answer to us than to Node', async () => {
  // No HTAB: to Node, `chunked` with one behind it is another coding, against RFC 9110 §5.5.
  const spoilt = fc.constantFrom('\0', '\r', '\n', '\r\n', ' ', ':', '0', '5', 'f', ';', ',', '\x7f', '\x80', '');
  let both = 0;
  await fc.assert(
    fc.asyncProperty(answer, fc.nat(), spoilt, fc.nat(2), async ({ text: bytes, verb }, where, insert, drop) => {
      const at = where % bytes.length;
      const text = `${bytes.slice(0, at)}${insert}${bytes.slice(at + drop)}`;
      const read = ours([text], verb);
      expect(ours([...text], verb)).toEqual(read);
      if (read === undefined) return;
      const theirs = await nodes(text, verb);
      // A 205 without framing has no body for us (RFC 9110 §15.3.6), and ends with its connection for Node.
      if (theirs === undefined || read.status === 205) return;
      both += 1;
      expect([read.status, read.body]).toEqual([theirs.status, theirs.body]);
    }),
    { numRuns: 1500 },
  );
  expect(both).toBeGreaterThan(100);
});
