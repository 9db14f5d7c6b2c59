import { beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../core/contract.ts';
import type { RecordedBody, RecordedExchange } from '../../observation/traffic/recorded.ts';
import { contractSource } from '../../adapters/contract-source.ts';
import { loadContract } from '../../contracts/registry.ts';
import { THINGS } from '../../../test/kit/drift-traffic.ts';
import { type DriftReport, driftReport } from './drift-report.ts';
import { subjectOf } from './lane.ts';

const LARGE = 300 * 1024;
const body = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const JSON_TYPE = ['Content-Type', 'application/json'];

let contract: Contract;
beforeAll(async () => {
  const read = (): Promise<Uint8Array> => Promise.resolve(body(THINGS));
  const result = await loadContract('openapi', {
    name: 'things',
    uri: '/openapi.json',
    basePath: 'auto',
    formats: 'assert',
    ...contractSource(),
    read,
  });
  contract = result.contract as Contract;
});

const exchange = (more: Partial<RecordedExchange> = {}): RecordedExchange => ({
  where: 'line 1',
  at: 1_000,
  method: 'GET',
  host: 'api.example',
  scheme: 'https',
  path: '/v1/things/1',
  query: '',
  requestHeaders: [],
  requestBody: 'absent',
  status: 200,
  responseHeaders: JSON_TYPE,
  responseBody: body({ name: 'a' }),
  ...more,
});
const post = (type: string, sent: RecordedBody, more: Partial<RecordedExchange> = {}): RecordedExchange =>
  exchange({ method: 'POST', path: '/v1/things', requestHeaders: ['Content-Type', type], requestBody: sent, status: 201, ...more });
const reported = (exchanges: readonly RecordedExchange[], host?: string): Promise<DriftReport> =>
  driftReport(subjectOf(contract, new Map()), exchanges, host);
const found = async (...exchanges: readonly RecordedExchange[]): Promise<string[]> =>
  (await reported(exchanges)).items.map(({ kind, side, pointer, name, count }) => `${side} ${kind} ${pointer} ${name} ×${count}`).sort();

const multipart = '--x\r\nContent-Disposition: form-data; name="size"\r\n\r\nbig\r\n--x--\r\n';
const padded = (more: object): Uint8Array => body({ name: 'a'.repeat(LARGE), ...more });

describe('a recorded exchange', () => {
  it.each<readonly [string, RecordedExchange | (() => RecordedExchange), readonly string[]]>([
    ['that keeps to the contract', exchange(), []],
    ['JSON, sent', post('application/json', body({ name: 'a', size: 'b' })), ['request invalid_accepted /size type ×1']],
    ['a form', post('application/x-www-form-urlencoded', body('size=b')), ['request invalid_accepted /size type ×1']],
    ['parts', post('multipart/form-data; boundary=x', body(multipart)), ['request invalid_accepted /size type ×1']],
    [
      'a body that the contract requires and that was not there',
      post('application/json', 'absent'),
      ['request invalid_accepted  body_required ×1'],
    ],
    ['a body of no bytes', post('application/json', body('')), ['request invalid_accepted  body_required ×1']],
    ['another media type', post('text/plain', body('a')), ['request undocumented_media_type  text/plain ×1']],
    [
      'a refusal of what is valid',
      post('application/json', body({ name: 'a' }), { status: 422, responseBody: 'absent' }),
      ['request valid_refused  422 ×1'],
    ],
    ['a refusal of what is not', post('application/json', body({}), { status: 422, responseBody: 'absent' }), []],
    [
      'JSON, answered',
      exchange({ responseBody: body({ name: 1, nick: 'b' }) }),
      ['response type /name  ×1', 'response undocumented_field /nick nick ×1'],
    ],
    [
      'a large body, answered',
      () => exchange({ responseBody: padded({ size: 'b', nick: 'c' }) }),
      ['response type /size  ×1', 'response undocumented_field /nick nick ×1'],
    ],
    ['a large body, sent', () => post('application/json', padded({ size: 'b' })), ['request invalid_accepted /size type ×1']],
    ['an answer that is empty', exchange({ responseBody: 'absent' }), ['response missing_required   ×1']],
    [
      'items that went by',
      exchange({
        path: '/v1/events',
        responseHeaders: ['Content-Type', 'application/x-ndjson'],
        responseBody: body('{"name":"a"}\n{"name":1}\n{}\n'),
      }),
      ['response missing_required /*/name name ×1', 'response type /*/name  ×1'],
    ],
    [
      'HEAD, which has no body whatever its length',
      exchange({ method: 'HEAD', responseHeaders: [...JSON_TYPE, 'Content-Length', '900'], responseBody: 'absent' }),
      [],
    ],
    ['204', exchange({ method: 'DELETE', status: 204, responseHeaders: [], responseBody: 'absent' }), []],
    [
      '304, which no document knows',
      exchange({ status: 304, responseHeaders: [], responseBody: 'absent' }),
      ['response undocumented_status  304 ×1'],
    ],
    ['a length of the wire beside a body without its coding', exchange({ responseHeaders: [...JSON_TYPE, 'Content-Length', '3'] }), []],
    [
      'a preflight',
      exchange({
        method: 'OPTIONS',
        requestHeaders: ['Origin', 'https://a', 'Access-Control-Request-Method', 'GET'],
        status: 204,
        responseBody: 'absent',
      }),
      [],
    ],
    [
      'another protocol',
      exchange({ requestHeaders: ['Upgrade', 'websocket', 'Connection', 'Upgrade'], status: 101, responseBody: 'absent' }),
      [],
    ],
  ])('%s', async (_, given, expected) => {
    expect(await found(typeof given === 'function' ? given() : given)).toEqual(expected);
  });

  it('of which a body is not recorded: nothing is said of that side, and that is told', async () => {
    const unrecorded = [
      exchange({ responseBody: 'unrecorded', responseHeaders: [...JSON_TYPE, 'Content-Length', '0'] }),
      post('application/json', 'unrecorded', { responseBody: body({}) }),
      exchange({ path: '/v1/events', responseHeaders: ['Content-Type', 'application/x-ndjson'], responseBody: 'unrecorded' }),
      exchange({ method: 'DELETE', status: 204, responseHeaders: [], responseBody: 'unrecorded' }),
    ];
    const report = await reported(unrecorded);
    expect(report).toMatchObject({ held: 4, unrecorded: 3, skipped: new Map() });
    expect(report.items.map(({ kind, side }) => `${side} ${kind}`)).toEqual(['response missing_required']);
  });

  it('that cannot be judged is counted with the reason', async () => {
    const report = await reported([
      exchange({ responseHeaders: ['Content-Type', 'image/png'], responseBody: body('x') }),
      exchange({ responseBody: body('{"name":') }),
      exchange({ path: '/v1/raw', responseHeaders: ['Content-Type', 'application/x-protobuf'] }),
    ]);
    expect([report.held, [...report.skipped]]).toEqual([3, [['media_type', 1]]]);
    expect(report.items.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'constraint malformed',
      'undocumented_media_type image/png',
    ]);
  });
});

describe('a report', () => {
  it('leaves out what went to another host, unless that is asked for', async () => {
    const both = [exchange(), exchange({ host: 'cdn.example', responseBody: body({}) }), exchange({ host: '' })];
    expect(await reported(both)).toMatchObject({ held: 2, elsewhere: 1, items: [] });
    expect(await reported(both, 'cdn.example')).toMatchObject({ held: 1, elsewhere: 2, items: [{ kind: 'missing_required' }] });
  });

  it('is in the order in which things happened, not in that of the files', async () => {
    const [late, early] = [
      exchange({ at: 9_000, status: 418 }),
      exchange({ at: 2_000, method: 'DELETE', path: '/v1/things/1', status: 418 }),
    ];
    const asked = (at: number, path: string): RecordedExchange =>
      exchange({
        at,
        path,
        responseHeaders: [...JSON_TYPE, 'X-Total', '1', 'X-Pages', '1'],
        responseBody: body({ items: [{ nick: 'b', name: 'a' }] }),
      });
    const { items } = await reported([
      late,
      early,
      asked(8_000, '/v1/things'),
      exchange({ at: 7_000, responseBody: body({ nick: 'b', name: 'a' }) }),
    ]);
    expect(items.map(({ lastSeen }) => lastSeen)).toEqual(
      items
        .map(({ lastSeen }) => lastSeen)
        .toSorted()
        .toReversed(),
    );
    expect(items.find(({ name }) => name === 'nick')).toMatchObject({
      operation: 'getThing',
      operations: ['getThing', 'listThings'],
      firstSeen: '1970-01-01T00:00:07.000Z',
      lastSeen: '1970-01-01T00:00:08.000Z',
    });
  });

  it('has the same ids and counts for the same traffic, and knows who sent it', async () => {
    const strange = exchange({ requestHeaders: ['X-Consumer-Name', 'shop'], responseBody: body({ name: 1 }) });
    const [first, second] = [await reported([strange, strange]), await reported([strange, strange])];
    expect(first).toEqual(second);
    expect(first.items).toMatchObject([{ count: 2, consumers: [{ name: 'shop', count: 2 }], state: 'new' }]);
  });

  it('silences what the baseline lists, with its note, and nothing else', async () => {
    const strange = [exchange({ responseBody: body({ name: 1, nick: 'b' }) })];
    const { items } = await reported(strange);
    const id = items.find(({ kind }) => kind === 'type')?.id as string;
    const again = await driftReport(subjectOf(contract, new Map([[id, 'since 2020']])), strange, undefined);
    expect(again.items.map(({ kind, state, acknowledgement }) => [kind, state, acknowledgement])).toEqual([
      ['undocumented_field', 'new', undefined],
      ['type', 'acknowledged', { by: 'baseline', note: 'since 2020' }],
    ]);
  });
});
