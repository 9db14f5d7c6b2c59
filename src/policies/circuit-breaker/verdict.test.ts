import { describe, expect, it } from 'vitest';
import { answerOf, attempt } from '../../../test/kit/exchange.ts';
import { CODES, type RejectionCode, rejection } from '../../core/rejection.ts';
import { type AttemptEnd, refuse } from '../../core/stage.ts';
import { atEnd, atHead } from './verdict.ts';

const head = (status: number): string | undefined => atHead(attempt(), answerOf(status), 2000);

describe('when the answer is here', () => {
  it('CB-2: 5xx are failures, but for 501 and 505', () => {
    for (const status of [500, 502, 503, 504, 507, 599, 600, 999]) expect([status, head(status)]).toEqual([status, 'failed']);
    for (const status of [501, 505]) expect([status, head(status)]).toEqual([status, undefined]);
  });

  it('CB-2: 4xx are none, and nothing below', () => {
    for (const status of [200, 204, 304, 400, 404, 408, 409, 412, 429, 499]) expect([status, head(status)]).toEqual([status, undefined]);
  });

  const FAULTS: readonly RejectionCode[] = [
    'CONNECT_TIMEOUT',
    'UPSTREAM_TIMEOUT',
    'UPSTREAM_REFUSED',
    'UPSTREAM_RESET',
    'UPSTREAM_BAD_FRAMING',
    'UPSTREAM_TLS_ERROR',
    'DNS_FAILURE',
  ];

  it.each(Object.keys(CODES) as RejectionCode[])('CB-2: %s counts if it is a fault of the upstream', (code) => {
    const verdict = FAULTS.includes(code) ? 'failed' : 'void';
    expect(atHead(attempt(), refuse(rejection(code, '')), 2000)).toBe(verdict);
  });

  it('CB-1: slow is a head that came later than 2 s after the request was sent', () => {
    const t = attempt(1, 1000);
    const at = (sentAt: number | undefined, headAt: number): string | undefined => {
      Object.assign(t, { sentAt, headAt });
      return atHead(t, answerOf(200), 2000);
    };
    expect([at(1000, 3000), at(1000, 3001)]).toEqual([undefined, 'slow']);
    // A minute of upload is the caller's.
    expect([at(61_000, 63_000), at(undefined, 61_000)]).toEqual([undefined, undefined]);
    expect(atHead(t, answerOf(500), 2000)).toBe('failed');
  });
});

describe('when it is over', () => {
  it.each<[AttemptEnd, string]>([
    ['complete', 'good'],
    ['superseded', 'good'],
    ['upstream-broken', 'failed'],
    ['client-closed', 'void'],
    ['cut', 'void'],
    ['cancelled', 'void'],
  ])('CB-2: %s is %s', (end, verdict) => {
    expect(atEnd(attempt(), answerOf(200), end)).toBe(verdict);
  });

  const grpc = (type: string, inHead: string | undefined, inTrailers: string | undefined): string => {
    const t = attempt();
    if (inTrailers !== undefined) t.trailers = ['Grpc-Status', inTrailers];
    const headers = ['Content-Type', type, ...(inHead === undefined ? [] : ['grpc-status', inHead])];
    return atEnd(t, answerOf(200, { headers }), 'complete');
  };

  it('CB-2: of gRPC the statuses 4, 13 and 14 are failures, in the trailers or in a head that is all', () => {
    for (const type of ['application/grpc', 'application/grpc+proto', 'Application/GRPC-web; v=1']) {
      for (let status = 0; status <= 16; status++) {
        const verdict = [4, 13, 14].includes(status) ? 'failed' : 'good';
        expect([type, status, grpc(type, undefined, `${status}`)]).toEqual([type, status, verdict]);
        expect([type, status, grpc(type, `${status}`, undefined)]).toEqual([type, status, verdict]);
      }
    }
    expect(grpc('application/grpc', undefined, undefined)).toBe('good');
  });

  it('CB-2: elsewhere that field means nothing', () => {
    expect(grpc('application/json', '14', '14')).toBe('good');
    expect(grpc('application/grp', '14', '14')).toBe('good');
  });
});
