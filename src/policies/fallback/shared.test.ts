import { describe, expect, it } from 'vitest';
import { fakeOperation } from '../../../test/kit/contract.ts';
import { FakeBody, answerOf, exchange } from '../../../test/kit/exchange.ts';
import { type Came, Memory, withHeaders } from '../../../test/kit/fallback-memory.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';

describe('FB-1: what is never kept', () => {
  it.each<[string, Came]>([
    ['an answer to Authorization', withHeaders('Authorization', 'Bearer x')],
    ['an answer to a cookie', withHeaders('cookie', 'a=b')],
    ['an answer to an API key', withHeaders('X-API-Key', 'k')],
    ['an answer to the key of a field that the configuration names', withHeaders('X-Partner-Key', 'k')],
    [
      'an answer to what the contract wants credentials for',
      { match: { operation: fakeOperation({ challenge: 'Basic' }), params: new Map() } },
    ],
    ['an answer to who says no-store', withHeaders('Cache-Control', 'no-store')],
    ['an answer to Range', withHeaders('Range', 'bytes=0-1')],
    ['an answer to If-Match', withHeaders('If-Match', '"1"')],
    ['a HEAD', { method: 'HEAD' }],
    ['a POST', { method: 'POST' }],
    ['a 206', { status: 206 }],
    ['a 404', { status: 404 }],
    ['Set-Cookie', { said: ['Set-Cookie', 'a=b'] }],
    ['private', { said: ['Cache-Control', 'max-age=5, private'] }],
    ['private for some fields', { said: ['Cache-Control', 'Private="x-a"'] }],
    ['no-store', { said: ['Cache-Control', 'max-age=5', 'cache-control', 'no-store'] }],
    ['no-cache', { said: ['Cache-Control', 'no-cache'] }],
    ['must-revalidate', { said: ['Cache-Control', 'max-age=0,must-revalidate'] }],
    ['Vary: *', { said: ['Vary', 'Accept, *'] }],
    ['a Vary without end', { said: ['Vary', Array.from({ length: 17 }, (_, i) => `x${i}`).join()] }],
    ['an event stream', { said: ['Content-Type', 'Text/Event-Stream;charset=utf-8'] }],
    ['a fallback of the gateway behind', { said: ['X-Plumbline-Fallback', 'stale'] }],
  ])('FB-1: %s', (_, came) => {
    const memory = new Memory();
    expect(memory.comes(came)).toBeUndefined();
    expect(memory.deps.meter.value('fallback_bytes')).toBe(0);
  });

  it('FB-1: a GET with a body', () => {
    const memory = new Memory();
    const x = exchange({ target: '/a', body: new FakeBody('ended') });
    expect(memory.stage.responseBody?.(x, answerOf(200), memory.stage.open?.(x))).toBeUndefined();
  });

  it.each(['public, max-age=60', 'x-private=1', 'no-storeroom', 'max-age=5, stale-if-error=60'])('FB-1: but %s is', (value) => {
    const memory = new Memory();
    memory.comes({ said: ['Cache-Control', value] });
    expect(memory.text()).toBe('good');
  });

  it('FB-1: an answer that something else was sent instead of', () => {
    const memory = new Memory();
    const x = exchange({ target: '/a' });
    const state = memory.stage.open?.(x);
    memory.stage.responseBody?.(x, answerOf(200), state);
    const refused = refuse(rejection('RESPONSE_CONTRACT_VIOLATION', ''));
    memory.stage.responseBody?.(x, refused, state);
    x.answer = refused;
    void memory.stage.onCopy?.(x, 'response', { chunks: [Buffer.from('{}')], unread: undefined, bytes: 2 }, state);
    expect(memory.text()).toBeUndefined();
  });

  it.each(['too_large', 'overload'] as const)('FB-1: a copy that could not be had: %s; the one before stays', (unread) => {
    const memory = new Memory();
    memory.comes();
    const x = exchange({ target: '/a' });
    const state = memory.stage.open?.(x);
    x.answer = answerOf(200);
    memory.stage.responseBody?.(x, x.answer, state);
    void memory.stage.onCopy?.(x, 'response', { chunks: undefined, unread, bytes: 9 }, state);
    expect(memory.deps.meter.series('fallback_dropped_total')).toEqual({ [`api=billing,reason=${unread}`]: 1 });
    expect(memory.text()).toBe('good');
  });
});

describe('FB-1: what an answer depends on', () => {
  it('FB-1: is in its key', () => {
    const memory = new Memory();
    const said = ['Vary', 'Accept-Language, ACCEPT'];
    memory.comes({ said, text: 'de', ...withHeaders('Accept-Language', 'de') });
    memory.comes({ said, text: 'en', ...withHeaders('Accept-Language', 'en') });
    expect(['de', 'en', 'fr'].map((language) => memory.text(withHeaders('accept-language', language)))).toEqual(['de', 'en', undefined]);
    expect(memory.text(withHeaders('Accept-Language', 'de', 'Accept', 'text/html'))).toBeUndefined();
    expect(memory.text()).toBeUndefined();
  });

  it('FB-1: is what the upstream was told, not what a stranger said', () => {
    const memory = new Memory();
    const x = exchange({ target: '/a', headers: ['X-Consumer-Name', 'shop'] });
    x.requestEdits.remove('x-consumer-name');
    const state = memory.stage.open?.(x);
    x.answer = answerOf(200, { headers: ['Vary', 'X-Consumer-Name'] });
    memory.stage.responseBody?.(x, x.answer, state);
    void memory.stage.onCopy?.(x, 'response', { chunks: [Buffer.from('anonymous')], unread: undefined, bytes: 9 }, state);
    expect([memory.text(withHeaders('X-Consumer-Name', 'shop')), memory.text()]).toEqual([undefined, 'anonymous']);
  });

  it('FB-1: is its coding too, where the service forgot to say so', () => {
    const memory = new Memory();
    memory.comes({ said: ['Content-Encoding', 'gzip'], ...withHeaders('Accept-Encoding', 'gzip') });
    expect([memory.text(), memory.text(withHeaders('Accept-Encoding', 'gzip'))]).toEqual([undefined, 'good']);
  });

  it('FB-1: makes eight variants of a target at most', () => {
    const memory = new Memory();
    for (let i = 0; i < 9; i++) memory.comes({ said: ['Vary', 'Accept'], text: `v${i}`, ...withHeaders('Accept', `a/${i}`) });
    const kept = Array.from({ length: 9 }, (_, i) => memory.text(withHeaders('Accept', `a/${i}`)));
    expect(kept).toEqual([undefined, 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8']);
  });
});
