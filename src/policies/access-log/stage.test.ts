import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation, violation } from '../../../test/kit/contract.ts';
import { FakeBody, answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';
import { accessLog } from './stage.ts';

const operation = fakeOperation({ id: 'createPayment' });
const route = routeSpec({ contract: fakeContract([operation]) });

function written(change: (x: Exchange) => void, { advanceMs = 0 } = {}) {
  const { clock, lines, ...deps } = fakeDeps();
  const body = new FakeBody('ended');
  body.receivedBytes = 12;
  const x = exchange({
    method: 'POST',
    target: '/payments?card=4111',
    headers: ['Authorization', 'Bearer secret', 'Cookie', 'session=secret'],
    address: '10.0.0.9',
    match: { operation, params: new Map() },
    route,
    body,
  });
  Object.assign(x, { end: 'complete', answer: answerOf(201), headAt: 1, attempts: 1 });
  change(x);
  clock.advance(advanceMs);
  accessLog.compile('stdout', route, { clock, lines, ...deps } as ReturnType<typeof fakeDeps>)?.onFinish(x);
  return lines[0] ?? {};
}

describe('the access log', () => {
  it('DF-1: writes one line an exchange unless it is off', () => {
    expect(accessLog.compile('off', route, fakeDeps())).toBeUndefined();
    expect(accessLog.compile('stdout', route, fakeDeps())?.name).toBe('accessLog');
  });

  it('has every field of the reference, and nothing else', () => {
    const line = written(
      (x) => {
        Object.assign(x, {
          requestId: 'r',
          correlationId: 'co',
          causationId: 'ca',
          traceId: 't',
          spanId: 's',
          upstreamMs: 1.23456,
          responseBytes: 34,
        });
        x.consumer = { name: 'shop', version: '2' };
        x.findings.push({ ...violation(), mode: 'report' });
      },
      { advanceMs: 20.0004 },
    );
    expect(line).toEqual({
      direction: 'ingress',
      route: 'billing-route',
      api: 'billing',
      contract_version: '1.2.0',
      operation: 'createPayment',
      method: 'POST',
      path: '/payments',
      status: 201,
      code: '',
      origin: 'upstream',
      consumer: 'shop',
      consumer_version: '2',
      request_id: 'r',
      correlation_id: 'co',
      causation_id: 'ca',
      trace_id: 't',
      span_id: 's',
      duration_ms: 20,
      upstream_ms: 1.235,
      attempts: 1,
      request_bytes: 12,
      response_bytes: 34,
      peer: '10.0.0.9',
      violations: 1,
      flags: [],
      detail: '',
    });
  });

  it('shows no query, and no header that was not read for its meaning', () => {
    expect(JSON.stringify(written(() => undefined))).not.toMatch(/4111|secret|Bearer|session/);
  });

  it('ER-2: tells of a refusal by its code and why, whatever the caller was told', () => {
    const line = written((x) => Object.assign(x, { answer: refuse(rejection('REQUEST_CONTRACT_VIOLATION', 'amount is missing')) }));
    expect(line).toMatchObject({ status: 422, code: 'REQUEST_CONTRACT_VIOLATION', origin: 'gateway', detail: 'amount is missing' });
  });

  it('EV-3: a client that left is 499 CLIENT_CLOSED', () => {
    const line = written((x) => Object.assign(x, { end: 'client-closed', answer: undefined, headAt: undefined }));
    expect(line).toMatchObject({ status: 499, code: 'CLIENT_CLOSED', origin: 'gateway', flags: ['client-closed'] });
  });

  it('EV-7: an answer that broke off says so', () => {
    const line = written((x) => Object.assign(x, { end: 'upstream-broken', brokenBy: 'UPSTREAM_RESET' }));
    expect(line).toMatchObject({ status: 201, code: 'UPSTREAM_RESET', origin: 'upstream', flags: ['upstream-broken'] });
  });
});
