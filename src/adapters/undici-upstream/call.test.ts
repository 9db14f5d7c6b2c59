import type { Dispatcher, Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import { Attempt } from '../../core/exchange.ts';
import type { UpstreamSink } from '../../core/ports.ts';
import { UndiciCall } from './call.ts';

const controller = { rawHeaders: null, aborted: false, abort() {}, pause() {}, resume() {} } as unknown as Dispatcher.DispatchController;

/** A call that a pool has taken, and has no connection for yet. */
function pending() {
  const told: string[] = [];
  let handler: Dispatcher.DispatchHandler | undefined;
  const dispatch = (_: unknown, given: Dispatcher.DispatchHandler): boolean => {
    handler = given;
    return true;
  };
  const sink: UpstreamSink = {
    onInfo: () => told.push('info'),
    onHead: () => told.push('head'),
    onData: () => told.push('data'),
    onEnd: () => told.push('end'),
    onBroken: ({ code }) => told.push(code),
  };
  const t = new Attempt(1, 0);
  const call = new UndiciCall(
    { method: 'GET', target: '/', headers: [], body: undefined },
    t,
    sink,
    () => 0,
    () => told.push('released'),
  );
  call.dispatch({ dispatch } as unknown as Pool);
  return { call, t, told, handler: handler as Dispatcher.DispatchHandler };
}

describe('a call that is given up before it has a connection', () => {
  it('keeps its place until undici has one for it, and sends nothing then', () => {
    const { call, t, told, handler } = pending();
    call.abort();
    expect(told).toEqual([]);
    handler.onRequestStart?.(controller, {});
    handler.onResponseError?.(controller, new Error('aborted'));
    expect([told, t.sent]).toEqual([['released'], 'nothing']);
  });

  it('keeps its place until undici has given up connecting', () => {
    const { call, told, handler } = pending();
    call.abort();
    handler.onResponseError?.(null as unknown as Dispatcher.DispatchController, new Error('connect timeout'));
    call.abort();
    expect(told).toEqual(['released']);
  });
});

it('a call that is given up on its connection gives its place back at once', () => {
  const { call, told, handler } = pending();
  handler.onRequestStart?.(controller, {});
  call.abort();
  handler.onResponseError?.(controller, new Error('aborted'));
  expect(told).toEqual(['released']);
});
