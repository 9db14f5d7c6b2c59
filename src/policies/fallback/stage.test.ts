import { describe, expect, it } from 'vitest';
import { answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { headerValue, headerValues } from '../../core/headers.ts';
import { rejection } from '../../core/rejection.ts';
import { Issues } from '../../core/schema.ts';
import { type Answer, type Stage, refuse } from '../../core/stage.ts';
import { fallbackSchema } from './config.ts';
import { fallback } from './stage.ts';

function compiled(config: object) {
  const deps = fakeDeps();
  const stage: Stage = fallback.compile({ ...fallbackSchema.parse(config, [], new Issues()), apiKeys: [] }, routeSpec(), deps);
  return { deps, stage };
}

const answered = (stage: Stage, answer: Answer, x = exchange()): Answer => stage.onResponse?.(x, answer, stage.open?.(x)) as Answer;
const text = ({ body }: Answer): string => Buffer.from(body as Uint8Array).toString();
const TIMEOUT = refuse(rejection('UPSTREAM_TIMEOUT', ''));

describe('FB-1: a static fallback', () => {
  const given = { static: { status: 203, headers: { 'Content-Type': 'text/plain' }, body: 'für den Notfall' } };

  it('FB-1: stands in for an answer that there is none of, marked and counted', () => {
    const { deps, stage } = compiled(given);
    const x = exchange();
    const answer = answered(stage, TIMEOUT, x);
    expect([answer.origin, answer.status, answer.rejection, text(answer)]).toEqual(['fallback', 203, undefined, 'für den Notfall']);
    expect(answer.headers).toEqual([
      'Content-Type',
      'text/plain',
      'Cache-Control',
      'no-store',
      'Content-Length',
      '16',
      'X-Plumbline-Fallback',
      'static',
    ]);
    expect(deps.meter.series('fallbacks_total')).toEqual({ 'api=billing,operation=_unmatched,kind=static': 1 });
    expect(x.flags).toEqual(['instead:UPSTREAM_TIMEOUT']);
  });

  it('FB-1: leaves all other answers as they are', () => {
    const { deps, stage } = compiled(given);
    for (const answer of [
      answerOf(200),
      answerOf(500),
      refuse(rejection('IDEMPOTENCY_UNAVAILABLE', '')),
      answerOf(503, { origin: 'replay' }),
    ])
      expect(answered(stage, answer)).toBe(answer);
    expect(deps.meter.value('fallbacks_total')).toBe(0);
  });

  it('FB-1: is for nobody whose caller has left', () => {
    const { deps, stage } = compiled(given);
    const x = exchange();
    x.brokenBy = 'CLIENT_CLOSED';
    expect(answered(stage, TIMEOUT, x)).toBe(TIMEOUT);
    expect(deps.meter.value('fallbacks_total')).toBe(0);
  });

  it('FB-1: may be kept by caches where the configuration says so', () => {
    const { stage } = compiled({ static: { headers: { 'cache-control': 'max-age=5' } } });
    expect(headerValues(answered(stage, TIMEOUT).headers, 'cache-control')).toEqual(['max-age=5']);
  });

  it.each([
    [204, undefined],
    [205, '0'],
    [304, undefined],
  ])('FB-1: with status %d has no body', (status, length) => {
    const { stage } = compiled({ static: { status, headers: {} } });
    const answer = answered(stage, TIMEOUT);
    expect([text(answer), headerValue(answer.headers, 'content-length')]).toEqual(['', length]);
  });

  it('EV-8: is not for upgrades, and asks for no body', () => {
    const { stage } = compiled(given);
    expect([stage.skipsUpgrades, stage.responseBody, stage.onCopy]).toEqual([true, undefined, undefined]);
  });
});

it('FB-1: of both, the last good answer goes first, and the static one where there is none', () => {
  const { stage } = compiled({ static: { body: '{}' }, lastGood: {} });
  const x = exchange({ target: '/a' });
  const state = stage.open?.(x);
  const good = answerOf(200);
  stage.responseBody?.(x, good, state);
  x.answer = good;
  void stage.onCopy?.(x, 'response', { chunks: [Buffer.from('good')], unread: undefined, bytes: 4 }, state);
  const kinds = ['/a', '/b'].map((target) => headerValue(answered(stage, TIMEOUT, exchange({ target })).headers, 'x-plumbline-fallback'));
  expect(kinds).toEqual(['stale', 'static']);
});

it('FB-1: without either the answer stays what it is', () => {
  const { stage } = compiled({ lastGood: {} });
  expect(answered(stage, TIMEOUT)).toBe(TIMEOUT);
});
