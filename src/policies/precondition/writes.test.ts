import { describe, expect, it } from 'vitest';
import { type Given, answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { Answer, Stage } from '../../core/stage.ts';
import { precondition } from './stage.ts';

interface Write extends Given {
  readonly id?: string;
  /** If-Match; `"1"` unless said otherwise. */
  readonly on?: string;
  readonly answer?: Answer;
}

/** A route whose writes are watched. */
function watched(deps = fakeDeps()) {
  const stage: Stage = precondition.compile({ required: [] }, routeSpec(), deps);
  let made = 0;
  const write = ({ id, on = '"1"', answer = answerOf(204), headers = [], ...given }: Write = {}): void => {
    const conditional = on === '' ? headers : ['If-Match', on, ...headers];
    const x = exchange({ method: 'PUT', target: '/invoices/1', startedAt: deps.clock.monotonicMs(), headers: conditional, ...given });
    made += 1;
    x.requestId = id ?? `request-${made}`;
    expect(stage.onResponse?.(x, answer, undefined)).toBe(answer);
  };
  const read = (etag: string, given: Given = {}): void =>
    write({ method: 'GET', on: '', answer: answerOf(200, { headers: ['ETag', etag] }), ...given });
  return { deps, write, read, found: () => deps.lostUpdates.map(({ overwritten }) => overwritten) };
}

const etag = (value: string): Answer => answerOf(200, { headers: ['ETag', value] });

describe('PC-2: two successful writes on one version', () => {
  it('PC-2: are a finding, which names the first', () => {
    const { deps, write } = watched();
    write({ id: 'a' });
    write({ id: 'b', method: 'PATCH' });
    expect(deps.lostUpdates).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{64}$/), overwritten: 'a' }]);
  });

  it('PC-2: a third is another observation of the same finding', () => {
    const { deps, write, found } = watched();
    for (const id of ['a', 'b', 'c']) write({ id });
    expect([found(), new Set(deps.lostUpdates.map(({ id }) => id)).size]).toEqual([['a', 'b'], 1]);
  });

  it.each<[string, Write]>([
    ['on another target', { target: '/invoices/2' }],
    ['on another query', { target: '/invoices/1?draft=1' }],
    ['at another host', { headers: ['Host', 'b.example'] }],
    ['on another version', { on: '"2"' }],
    ['on any version', { on: '*' }],
    ['on one of several', { on: '"1", "2"' }],
    ['on a weak version', { on: 'W/"1"' }],
    ['without a condition', { on: '' }],
    ['that failed', { answer: answerOf(412) }],
    ['that is only promised', { answer: answerOf(202) }],
    ['that is a replay', { answer: answerOf(204, { origin: 'replay' }) }],
    ['that a fallback stands in for', { answer: answerOf(200, { origin: 'fallback' }) }],
    ['that is no write', { method: 'POST' }],
    ['repeated by the caller', { id: 'request-1' }],
    ['repeated by a peer that says so', { headers: ['X-Retry-Attempt', '2'] }],
  ])('PC-2: not with one %s', (_, second) => {
    const { write, found } = watched();
    write();
    write(second);
    expect(found()).toEqual([]);
  });

  it('PC-2: a stranger cannot hide one by saying that it is a repetition', () => {
    const { write, found } = watched();
    write();
    write({ headers: ['X-Retry-Attempt', '2'], trusted: false });
    expect(found()).toEqual(['request-1']);
  });

  it('PC-2: not with one under the same idempotency key', () => {
    const { write, found } = watched();
    write({ headers: ['Idempotency-Key', 'k'] });
    write({ headers: ['idempotency-key', 'k'] });
    expect(found()).toEqual([]);
    write({ headers: ['Idempotency-Key', 'other'] });
    expect(found()).toEqual(['request-2']);
  });

  it('PC-2: deleting twice loses nothing, writing to what was deleted does', () => {
    const { write, found } = watched();
    write({ method: 'DELETE' });
    write({ method: 'DELETE' });
    expect(found()).toEqual([]);
    write({ method: 'PUT' });
    expect(found()).toEqual(['request-2']);
  });
});

describe('PC-2: a version that is still the present one, or is so again', () => {
  it('PC-2: the first write has changed nothing', () => {
    const { write, found } = watched();
    write({ answer: etag('"1"') });
    write({ answer: etag('"2"') });
    expect(found()).toEqual([]);
  });

  it('PC-2: both have come to the same', () => {
    const { write, found } = watched();
    write({ answer: etag('"2"') });
    write({ answer: etag('"2"') });
    expect(found()).toEqual([]);
    write({ answer: etag('"3"') });
    expect(found()).toEqual(['request-2']);
  });

  it('PC-2: a later write, with a condition or without, has made it so', () => {
    for (const on of ['"2"', '']) {
      const { write, found } = watched();
      write({ answer: etag('"2"') });
      write({ on, answer: etag('"1"') });
      write({ answer: etag('"2"') });
      expect(found()).toEqual([]);
    }
  });

  it('PC-2: somebody has read it since', () => {
    const { write, read, found } = watched();
    write();
    read('"1"');
    write();
    expect(found()).toEqual([]);
  });

  it('PC-2: what was asked for before the write says nothing', () => {
    const { deps, write, read, found } = watched();
    deps.clock.advance(10);
    write();
    read('"1"', { startedAt: deps.clock.monotonicMs() - 5 });
    write();
    expect(found()).toEqual(['request-1']);
  });

  it('PC-2: nor does another version, or a read that failed', () => {
    const { write, read, found } = watched();
    write();
    read('"2"');
    write({ method: 'GET', on: '', answer: answerOf(404, { headers: ['ETag', '"1"'] }) });
    write();
    expect(found()).toEqual(['request-1']);
  });
});

describe('PC-2: bounds', () => {
  it('PC-2: a write is remembered for an hour', () => {
    const { deps, write, found } = watched();
    write();
    deps.clock.advance(3_600_001);
    write();
    expect(found()).toEqual([]);
    deps.clock.advance(3_600_000);
    write();
    expect(found()).toEqual(['request-2']);
  });

  it('PC-2: 4096 of them are', () => {
    const { write, found } = watched();
    for (let i = 0; i <= 4096; i++) write({ target: `/invoices/${i}` });
    write({ target: '/invoices/0' });
    expect(found()).toEqual([]);
    write({ target: '/invoices/4096' });
    expect(found()).toHaveLength(1);
  });

  it('PC-2: a reload forgets none', () => {
    const { deps, write, found } = watched();
    write({ id: 'before' });
    watched(deps).write({ id: 'after' });
    expect(found()).toEqual(['before']);
  });
});
