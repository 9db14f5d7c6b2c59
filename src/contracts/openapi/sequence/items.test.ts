import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemCheck } from '../../../core/contract.ts';
import { api, contractOf, ok, request, response, say } from '../testing.ts';
import { EventReader, type ServerSentEvent } from './events.ts';
import { MAX_ITEM_BYTES, Splitter } from './splitter.ts';

async function streamed(type: string, media: unknown, body: string, openapi = '3.2.0'): Promise<string> {
  const content = { [type]: media };
  const document = api({ '/x': { post: { requestBody: { content }, responses: { 200: { description: '', content } } } } }, { openapi });
  const contract = await contractOf(document);
  const headers = ['Content-Type', type];
  const asked = say(request(contract, 'POST /x', { headers, body }));
  const answered = say(response(contract, 'POST /x', { headers, body }));
  expect(answered).toBe(asked);
  return asked;
}

const item = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
const each = { itemSchema: item };

describe('lines of JSON', () => {
  const type = 'application/x-ndjson';

  it.each<readonly [title: string, media: unknown, body: string, said: string]>([
    ['each item', each, '{"n":1}\n{"n":2}\n', 'valid'],
    ['one that does not fit', each, '{"n":1}\n{"n":"x"}\n{}\n', 'type body /1/n; required body /2/n'],
    ['one that is not JSON', each, '{"n":1}\n{"n":\n{"n":3}\n', 'malformed body /1'],
    ['the last one without a line feed', each, '{"n":1}\n{}', 'required body /1/n'],
    ['empty lines, CRLF and blanks', each, '\n{"n":1} \r\n\r\n \n{"n":2}\r\n', 'valid'],
    ['nothing', each, '\n', 'valid'],
    ['numbers and words', { itemSchema: { type: ['integer', 'null'] } }, '1\nnull\n"x"', 'type body /2'],
    ['an item that is too large', each, `{"n":1}\n{"n":2,"s":"${'x'.repeat(MAX_ITEM_BYTES)}"}\n{"n":3}`, 'skipped too_large'],
    ['one that is wrong behind one that is too large', each, `"${'x'.repeat(MAX_ITEM_BYTES)}"\n{}`, 'required body /1/n'],
    ['all items as an array', { schema: { type: 'array', items: item } }, '{"n":1}\n{}', 'required body /1/n'],
    ['too few', { schema: { type: 'array', minItems: 2 } }, '1', 'minItems body'],
    ['too many', { schema: { type: 'array', maxItems: 2, items: {} } }, '1\n2\n3', 'maxItems body'],
    ['a prefix', { schema: { prefixItems: [{ type: 'string' }], items: item } }, '"head"\n{"n":"x"}', 'type body /1/n'],
    ['what needs the whole array', { schema: { type: 'array', uniqueItems: true } }, '1\n1', 'skipped stream'],
    [
      'both',
      { schema: { type: 'array', items: { maxProperties: 1 } }, ...each },
      '{"n":1,"m":2}\n{}',
      'maxProperties body /0; required body /1/n',
    ],
    ['both, one of which is not judged', { schema: { contains: {} }, ...each }, '{"n":1}', 'skipped stream'],
    ['both, one of which is not judged, one not kept', { schema: { contains: {} }, ...each }, '{}', 'required body /0/n'],
    ['an item as a schema of the whole', { schema: item }, '{}', 'skipped stream'],
    ['no schema', {}, '{}\n[\n', 'malformed body /1'],
  ])('%s', async (_, media, body, said) => {
    expect(await streamed(type, media, body)).toBe(said);
  });

  it.each(['application/jsonl', 'application/x-jsonlines', 'application/ndjson', 'application/json-lines'])('%s', async (name) => {
    expect(await streamed(name, each, '{"n":1}\n{}')).toBe('required body /1/n');
  });

  it.each(['3.0.3', '3.1.0'])('%s does not say how a schema applies', async (openapi) => {
    expect(await streamed(type, { schema: { type: 'array', items: item } }, '{}', openapi)).toBe('skipped stream');
    expect(await streamed(type, { schema: item }, '{', openapi)).toBe('malformed body /0');
    expect(await streamed(type, { itemSchema: item }, '{}', openapi)).toBe('valid');
  });

  it('follows references, and those that lead in circles to nothing', async () => {
    const contract = async (schema: unknown): Promise<string> => {
      const content = { [type]: { schema } };
      const schemas = {
        List: { $ref: '#/components/schemas/Items', maxItems: 1 },
        Items: { type: 'array', allOf: [{ items: item }] },
        Round: { allOf: [{ $ref: '#/components/schemas/Round' }] },
      };
      const document = api({ '/x': { post: { requestBody: { content }, responses: ok } } }, { openapi: '3.2.0', components: { schemas } });
      return say(request(await contractOf(document), 'POST /x', { headers: ['Content-Type', type], body: '{}\n{"n":1}' }));
    };
    expect(await contract({ $ref: '#/components/schemas/List' })).toBe('required body /0/n; maxItems body');
    expect(await contract({ $ref: '#/components/schemas/Round' })).toBe('skipped stream');
  });

  it('tells of 50 faults and then looks no further', async () => {
    const said = await streamed(type, each, '{}\n'.repeat(10_000));
    expect(said.split('; ')).toHaveLength(50);
  });
});

describe('JSON text sequences (RFC 7464)', () => {
  it.each<readonly [title: string, body: string, said: string]>([
    ['each text', '\x1e{"n":1}\n\x1e{"n":\n2}\n', 'valid'],
    ['one that does not fit', '\x1e{"n":1}\n\x1e{}\n', 'required body /1/n'],
    ['one that is not JSON', '\x1e{"n":1\n\x1e{"n":2}\n', 'malformed body /0'],
    ['separators in a row', '\x1e\x1e\n\x1e{"n":1}\n', 'valid'],
    ['a number that may be cut', '\x1e12', 'skipped stream'],
    ['a number that may be cut, in the middle', '\x1e12\x1e{"n":1}\n', 'skipped stream'],
    ['lines of JSON', '{"n":1}\n', 'malformed body'],
  ])('%s', async (_, body, said) => {
    expect(await streamed('application/json-seq', each, body)).toBe(said);
    expect(await streamed('application/geo+json-seq', each, body)).toBe(said);
  });
});

it('a text that may be cut counts where there could be too few', async () => {
  const media = { schema: { type: 'array', minItems: 2, maxItems: 2, items: {} } };
  expect(await streamed('application/json-seq', media, '\x1e12\x1e{}\n')).toBe('skipped stream');
  expect(await streamed('application/json-seq', media, '\x1e12\x1e{}\n\x1e{}\n')).toBe('skipped stream');
  expect(await streamed('application/json-seq', media, '\x1e{}\n')).toBe('minItems body');
});

describe('server-sent events', () => {
  const type = 'text/event-stream';
  const typed = (data: unknown) => ({ itemSchema: { properties: { data } } });
  const asJson = { contentMediaType: 'application/json', contentSchema: item };

  it.each<readonly [title: string, media: unknown, body: string, said: string]>([
    ['fields', { itemSchema: { required: ['data', 'event', 'id', 'retry'] } }, 'event: a\nid: 1\nretry: 5\ndata: x\n\n', 'valid'],
    ['one that is missing', { itemSchema: { required: ['event'] } }, 'data: x\n\nevent: a\ndata: y\n\n', 'required body /0/event'],
    ['numbers', { itemSchema: { properties: { retry: { maximum: 4 } } } }, 'retry: 5\ndata: x\n\n', 'maximum body /0/retry'],
    ['data is text', typed({ type: 'integer' }), 'data: 1\n\n', 'type body /0/data'],
    ['lines of data', typed({ const: 'a\nb' }), 'data: a\ndata: b\n\ndata: a\n\n', 'const body /1/data'],
    [
      'comments and unknown fields',
      { itemSchema: { additionalProperties: false, properties: { data: {} } } },
      ': x\nmore: y\ndata: z\n\n',
      'valid',
    ],
    ['an event without data is none', { itemSchema: false }, 'event: a\n\n: ping\n\n', 'valid'],
    ['an event without its empty line is none', { itemSchema: false }, 'data: x\n', 'valid'],
    ['JSON in data', typed(asJson), 'data: {"n":\ndata: 1}\n\n', 'valid'],
    ['JSON that does not fit', typed(asJson), 'data: {"n":1}\n\ndata: {"n":"x"}\n\n', 'type body /1/data/n'],
    ['data that is not JSON', typed(asJson), 'data: [DONE]\n\n', 'contentMediaType body /0/data'],
    ['a schema without a media type is none', typed({ contentSchema: item }), 'data: {}\n\n', 'valid'],
    ['another media type', typed({ contentMediaType: 'text/html', contentSchema: item }), 'data: {}\n\n', 'valid'],
    ['as an array', { schema: { type: 'array', items: { properties: { data: asJson } } } }, 'data: {}\n\n', 'required body /0/data/n'],
    ['what needs the whole array', { schema: { type: 'array', uniqueItems: true } }, 'data: x\n\n', 'skipped stream'],
    ['no schema', {}, 'anything at all', 'valid'],
    ['an event that is too large', typed({ const: 'a' }), `${'data: xxxxxxxxxx\n'.repeat(20_000)}\ndata: a\n\n`, 'skipped too_large'],
  ])('%s', async (_, media, body, said) => {
    expect(await streamed(type, media, body)).toBe(said);
  });

  it('lines that end with CR alone are told apart as they come, and nothing is kept of them', () => {
    const got: unknown[] = [];
    const reader = new EventReader((event) => void got.push(event));
    for (let i = 0; i < 1000; i++) reader.push(Buffer.from(`data: ${'x'.repeat(1000)}\r\r`));
    expect(got.length).toBe(1000);
    expect(got.every((event) => event !== 'too_large')).toBe(true);
    expect(reader.heldBytes).toBeLessThan(5000);
  });

  it('alternatives: that which the event fits decides over its data', async () => {
    const media = {
      itemSchema: {
        required: ['event'],
        oneOf: [
          { properties: { event: { const: 'text' } } },
          { properties: { event: { const: 'json' }, data: asJson } },
          { properties: { event: { const: 'other' }, data: { anyOf: [asJson, { const: 'none' }] } } },
        ],
      },
    };
    const said = (body: string): Promise<string> => streamed(type, media, body);
    expect(await said('event: text\ndata: {}\n\n')).toBe('valid');
    expect(await said('event: json\ndata: {}\n\n')).toBe('required body /0/data/n');
    expect(await said('event: other\ndata: none\n\n')).toBe('valid');
    expect(await said('event: other\ndata: {}\n\n')).toBe('required body /0/data/n');
  });

  it.each(['3.0.3', '3.1.0'])('%s does not say how a schema applies', async (openapi) => {
    expect(await streamed(type, { schema: { type: 'string' } }, 'data: x\n\n', openapi)).toBe('skipped stream');
  });
});

describe('a sequence that breaks off', () => {
  const cut = async (type: string, media: unknown, ...chunks: readonly string[]) => {
    const contract = await contractOf(
      api({ '/x': { get: { responses: { 200: { description: '', content: { [type]: media } } } } } }, { openapi: '3.2.0' }),
    );
    const [operation] = contract.operations;
    const head = { method: 'GET', path: '/x', query: '', headers: [] };
    const check = operation?.openItems('response', head, { status: 200, headers: ['Content-Type', type] }) as ItemCheck;
    for (const chunk of chunks) check.onData(Buffer.from(chunk));
    const found = check.found.map(({ rule, pointer }) => `${rule} ${pointer}`);
    return { found, said: say(check.cut()) };
  };
  const two = { schema: { type: 'array', minItems: 2, maxItems: 2, items: item } };

  it.each<readonly [title: string, type: string, media: unknown, chunks: readonly string[], said: string, found: readonly string[]]>([
    ['in the second line', 'application/x-ndjson', each, ['{"n":1}\n{"n', '":'], 'valid', []],
    ['behind a line that is wrong', 'application/x-ndjson', each, ['{"n":1}\n{}\n{'], 'required body /1/n', ['required /1/n']],
    ['in the first line', 'application/x-ndjson', each, ['{"n":1}'], 'skipped stream', []],
    ['before too few have come', 'application/x-ndjson', two, ['{"n":1}\n'], 'valid', []],
    ['when too many have come', 'application/x-ndjson', two, ['{"n":1}\n'.repeat(4)], 'maxItems body', ['maxItems ']],
    ['in a record', 'application/json-seq', each, ['\x1e{"n":1}\n\x1e{}'], 'valid', []],
    ['in an event', 'text/event-stream', { itemSchema: { required: ['id'] } }, ['id: 1\ndata: a\n\ndata: b\n'], 'valid', []],
    [
      'behind an event',
      'text/event-stream',
      { itemSchema: { required: ['id'] } },
      ['data: a\r\r'],
      'required body /0/id',
      ['required /0/id'],
    ],
    ['before any event', 'text/event-stream', { itemSchema: { required: ['id'] } }, [': hello\n\n'], 'skipped stream', []],
    [
      'in a part',
      'multipart/mixed; boundary=b',
      each,
      ['--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\n\r\n'],
      'required body /0/n',
      ['required /0/n'],
    ],
    ['in the first part', 'multipart/mixed; boundary=b', each, ['--b\r\n\r\n{}'], 'skipped stream', []],
  ])('%s', async (_, type, media, chunks, said, found) => {
    expect(await cut(type, media, ...chunks)).toEqual({ said, found });
  });
});

describe('cutting', () => {
  const split = (bytes: Uint8Array, cuts: readonly number[]): string[] => {
    const pieces: string[] = [];
    const splitter = new Splitter(
      0x0a,
      (piece) => void pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1')),
    );
    let from = 0;
    for (const at of [...cuts, bytes.byteLength]) {
      splitter.push(bytes.subarray(from, at));
      from = at;
    }
    splitter.end();
    expect(splitter.heldBytes).toBe(0);
    return pieces;
  };

  it('does not depend on where chunks end', () => {
    const text = fc.array(fc.constantFrom('a', '\n', '\r', 'bc'), { maxLength: 30 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 10 }), (body, at) => {
        const cuts = at.map((n) => n % (body.length + 1)).toSorted((a, b) => a - b);
        const lines = body.split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(split(Buffer.from(body), cuts)).toEqual(lines);
      }),
    );
  });

  it('keeps no more than one item may have', () => {
    const half = Buffer.alloc(MAX_ITEM_BYTES / 2, 'x');
    const pieces: Array<number | string> = [];
    const splitter = new Splitter(0x0a, (piece) => void pieces.push(typeof piece === 'string' ? piece : piece.byteLength));
    for (const chunk of [half, half, Buffer.from('\n'), half, half, Buffer.from('x'), half, Buffer.from('\nab')]) {
      splitter.push(chunk);
      expect(splitter.heldBytes).toBeLessThanOrEqual(MAX_ITEM_BYTES);
    }
    splitter.end();
    expect(pieces).toEqual([MAX_ITEM_BYTES, 'too_large', 2]);
  });

  it.each<readonly [title: string, body: string, events: ReadonlyArray<ServerSentEvent>]>([
    ['a mark at the beginning', '\ufeffdata: a\n\n', [{ data: 'a' }]],
    ['CR alone', 'data: a\rdata: b\r\rdata: c\n\n', [{ data: 'a\nb' }, { data: 'c' }]],
    ['CRLF', 'data: a\r\ndata: b\r\n\r\n', [{ data: 'a\nb' }]],
    ['one space is taken off', 'data:  a\ndata:b\n\n', [{ data: ' a\nb' }]],
    ['a field without a colon', 'data\ndata\n\n', [{ data: '\n' }]],
    ['an empty line of data', 'data:\n\n', [{ data: '' }]],
    ['an id with NUL', 'id: a\0\ndata: x\n\n', [{ data: 'x' }]],
    ['a retry that is no number', 'retry: 1s\ndata: x\n\n', [{ data: 'x' }]],
    ['the last of a kind counts', 'event: a\nevent: b\nid: 1\nid: 2\ndata: x\n\n', [{ event: 'b', id: '2', data: 'x' }]],
    ['an empty event type is none', 'event: a\nevent:\ndata: x\n\n', [{ data: 'x' }]],
    ['nothing is left for the next one', 'event: a\nid: 1\n\ndata: x\n\n', [{ data: 'x' }]],
    ['what is not UTF-8', 'data: \xff\n\n', [{ data: '\ufffd' }]],
  ])('events: %s', (title, body, events) => {
    const bytes = Buffer.from(body, title === 'what is not UTF-8' ? 'latin1' : 'utf8');
    for (const size of [1, 3, bytes.byteLength]) {
      const got: unknown[] = [];
      const reader = new EventReader((event) => void got.push(event));
      for (let at = 0; at < bytes.byteLength; at += size) reader.push(bytes.subarray(at, at + size));
      reader.end();
      expect(got).toEqual(events);
    }
  });
});
