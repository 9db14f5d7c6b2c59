import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fakeOperation } from '../../../test/kit/contract.ts';
import { answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type Copy, refuse } from '../../core/stage.ts';
import { errorCodes } from './stage.ts';

const operation = fakeOperation({ id: 'createPayment' });
const JSON_TYPE = ['Content-Type', 'application/json'];
const problem = answerOf(409, { headers: ['Content-Type', 'application/problem+json; charset=utf-8'] });
const copyOf = (body: Uint8Array | string): Copy => {
  const bytes = Buffer.from(body);
  return { chunks: [bytes], unread: undefined, bytes: bytes.byteLength };
};

function setUp(deps = fakeDeps()) {
  const stage = errorCodes.compile(undefined, routeSpec(), deps);
  const see = async (answer: Answer, copy: Copy, known = true): Promise<void> => {
    const x = exchange(known ? { match: { operation, params: new Map() } } : {});
    x.answer = answer;
    await stage.onCopy(x, 'response', copy);
  };
  return { deps, stage, see, series: () => deps.meter.series('error_codes_total') };
}

describe('which answers are looked at', () => {
  const asked = (answer: Answer): boolean => setUp().stage.responseBody(exchange({}), answer) !== undefined;

  it.each(['application/json', 'application/problem+json', 'Application/JSON ; charset=utf-8', 'text/json', 'application/vnd.api+json'])(
    'an error in %s',
    (type) => {
      expect(asked(answerOf(400, { headers: ['content-type', type] }))).toBe(true);
    },
  );

  it.each<readonly [string, Answer]>([
    ['a good answer', answerOf(200, { headers: JSON_TYPE })],
    ['a redirect', answerOf(399, { headers: JSON_TYPE })],
    ['an error in HTML', answerOf(500, { headers: ['Content-Type', 'text/html'] })],
    ['an error that only names JSON', answerOf(500, { headers: ['Content-Type', 'text/plain; format=application/json'] })],
    ['a list of JSON texts', answerOf(500, { headers: ['Content-Type', 'application/jsonl'] })],
    ['an error without a type', answerOf(500)],
    ['a replay', answerOf(409, { origin: 'replay', headers: JSON_TYPE })],
    ['a fallback', answerOf(503, { origin: 'fallback', headers: JSON_TYPE })],
    ['what the gateway says', refuse(rejection('RATE_LIMITED', ''))],
  ])('not %s', (_what, answer) => {
    expect(asked(answer)).toBe(false);
  });
});

describe('error codes', () => {
  it('are counted by operation', async () => {
    const { see, series } = setUp();
    await see(problem, copyOf('{"code":"ORDER_CLOSED"}'));
    await see(problem, copyOf('{"code":"ORDER_CLOSED"}'));
    await see(problem, copyOf('{"code":"LIMIT"}'), false);
    expect(series()).toEqual({
      'api=billing,operation=createPayment,code=ORDER_CLOSED': 2,
      'api=billing,operation=_unmatched,code=LIMIT': 1,
    });
  });

  it('are found under a content coding', async () => {
    const { see, series } = setUp();
    await see(answerOf(400, { headers: [...JSON_TYPE, 'Content-Encoding', 'gzip'] }), copyOf(gzipSync('{"code":"PACKED"}')));
    expect(Object.values(series())).toEqual([1]);
  });

  it.each<readonly [string, Answer, Copy]>([
    ['what was not kept', problem, { chunks: undefined, unread: 'too_large', bytes: 9000 }],
    ['nothing', problem, copyOf('')],
    ['no JSON', problem, copyOf('{"code":"CUT')],
    ['more than anybody would read, which another stage asked for', problem, copyOf(`{"code":"BIG","x":"${'x'.repeat(8200)}"}`)],
    ['a bomb', answerOf(400, { headers: [...JSON_TYPE, 'Content-Encoding', 'gzip'] }), copyOf(gzipSync(`{"code":"B"${' '.repeat(1e6)}}`))],
    ['what stands in the place of an error', answerOf(200, { origin: 'fallback', headers: JSON_TYPE }), copyOf('{"code":"OLD"}')],
    ['a good answer that another stage copies', answerOf(200, { headers: JSON_TYPE }), copyOf('{"code":"FINE"}')],
    ['a deep one', problem, copyOf('['.repeat(8000))],
  ])('are not found in %s', async (_what, answer, copy) => {
    const { see, series } = setUp();
    await see(answer, copy);
    expect(series()).toEqual({});
  });

  it('are 50 of an api, over its routes and generations; later ones are _other and count as such', async () => {
    const { deps, see, series } = setUp();
    const second = setUp(deps);
    const name = (i: number): string => `CODE_${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(65 + Math.floor(i / 26))}`;
    for (let i = 0; i < 60; i++) await (i % 2 === 0 ? see : second.see)(problem, copyOf(`{"code":"${name(i)}"}`));
    await second.see(problem, copyOf(`{"code":"${name(0)}"}`));
    const all = series();
    expect(Object.keys(all)).toHaveLength(51);
    expect(all['api=billing,operation=createPayment,code=_other']).toBe(10);
    expect(all[`api=billing,operation=createPayment,code=${name(0)}`]).toBe(2);
    expect(Object.values(all).reduce((a, b) => a + b)).toBe(61);
    expect(deps.meter.value('label_overflow_total', { label: 'code' })).toBe(10);
  });
});
