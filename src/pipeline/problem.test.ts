import { describe, expect, it } from 'vitest';
import { exchange } from '../../test/kit/exchange.ts';
import { headerValue } from '../core/headers.ts';
import { CODES, type Rejection, type RejectionCode, rejection } from '../core/rejection.ts';
import { refuse } from '../core/stage.ts';
import { type ErrorDetail, problemAnswer } from './problem.ts';

function written(r: Rejection, tell: ErrorDetail = 'full', method = 'GET') {
  const x = exchange({ method });
  x.requestId = 'req-1';
  const answer = problemAnswer(x, refuse(r), r, tell);
  const text = Buffer.from(answer.body as Uint8Array).toString();
  return {
    answer,
    text,
    problem: JSON.parse(text) as Record<string, unknown>,
    header: (name: string) => headerValue(answer.headers, name),
  };
}

const field = (path: string) => ({ path, in: 'body', code: 'PATTERN', message: `${path} is not as it should be` });
const codes = Object.keys(CODES) as RejectionCode[];

describe('the one writer of the gateway’s own answers', () => {
  it('ER-0: writes problem+json (RFC 9457) with these members, in this order', () => {
    const { answer, text, header } = written(
      rejection('REQUEST_CONTRACT_VIOLATION', 'a rule is broken', { fields: [field('amount.value')] }),
    );
    expect(answer.status).toBe(422);
    expect(text).toBe(
      JSON.stringify({
        type: 'https://plumbline.dev/errors/request-contract-violation',
        title: 'Request violates the contract',
        status: 422,
        code: 'REQUEST_CONTRACT_VIOLATION',
        detail: 'a rule is broken',
        request_id: 'req-1',
        retryable: false,
        fields: [field('amount.value')],
      }),
    );
    expect(header('content-type')).toBe('application/problem+json');
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(header('cache-control')).toBe('no-store');
  });

  it.each(codes)('ER-0: the type of %s is its code in lower case with -', (code) => {
    expect(written(rejection(code, 'é')).problem.type).toBe(`https://plumbline.dev/errors/${code.toLowerCase().replaceAll('_', '-')}`);
  });

  it('ER-1: the answer keeps its origin, its status and its rejection for those who log', () => {
    const r = rejection('OVERLOADED', 'no room');
    expect(written(r).answer).toMatchObject({ origin: 'gateway', status: 503, rejection: r });
  });

  it('counts a length in bytes, not in characters', () => {
    const { header, text } = written(rejection('INTERNAL_ERROR', 'größer'));
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(text.length).toBeLessThan(Buffer.byteLength(text));
  });

  it.each(codes.filter((code) => CODES[code].proxyError !== undefined))(
    '%s says in Proxy-Status what kind of error it is (RFC 9209)',
    (code) => {
      expect(written(rejection(code, '')).header('proxy-status')).toBe(`plumbline; error=${CODES[code].proxyError}`);
    },
  );

  it('Proxy-Status names the kind that the rejection names', () => {
    const r = rejection('UPSTREAM_TLS_ERROR', '', { proxyError: 'tls_certificate_error' });
    expect(written(r).header('proxy-status')).toBe('plumbline; error=tls_certificate_error');
  });

  it('an answer of the upstream that was held back is told by its status, and why', () => {
    const r = rejection('RESPONSE_CONTRACT_VIOLATION', '', { receivedStatus: 200 });
    expect(written(r).header('proxy-status')).toBe('plumbline; received-status=200; details="RESPONSE_CONTRACT_VIOLATION"');
    const unchecked = rejection('RESPONSE_CONTRACT_VIOLATION', '', { receivedStatus: 201, proxyDetails: 'too_large' });
    expect(written(unchecked).header('proxy-status')).toBe('plumbline; received-status=201; details="too_large"');
  });

  it('ER-2: codes drops detail and messages, none drops the fields too; the rest stays', () => {
    const r = rejection('REQUEST_CONTRACT_VIOLATION', 'why', { fields: [field('a')] });
    const stays = {
      title: 'Request violates the contract',
      status: 422,
      code: 'REQUEST_CONTRACT_VIOLATION',
      request_id: 'req-1',
      retryable: false,
    };
    expect(written(r, 'codes').problem).toEqual({
      type: 'https://plumbline.dev/errors/request-contract-violation',
      ...stays,
      fields: [{ path: 'a', in: 'body', code: 'PATTERN' }],
    });
    expect(written(r, 'none').problem).toEqual({ type: 'https://plumbline.dev/errors/request-contract-violation', ...stays });
  });

  it('ER-2: no more than 20 fields', () => {
    const fields = Array.from({ length: 30 }, (_, i) => field(`f${i}`));
    const told = written(rejection('REQUEST_CONTRACT_VIOLATION', '', { fields })).problem.fields as unknown[];
    expect(told).toEqual(fields.slice(0, 20));
  });

  it.each(codes)('ER-3: %s says X-Plumbline-No-Retry exactly where it is a 5xx that is not retryable', (code) => {
    for (const method of ['GET', 'POST']) {
      const { header, problem, answer } = written(rejection(code, ''), 'full', method);
      const idempotent = method === 'GET';
      const retryable = CODES[code].retryable === 'yes' || (CODES[code].retryable === 'idempotent' && idempotent);
      expect(problem.retryable).toBe(retryable);
      expect(header('x-plumbline-no-retry')).toBe(answer.status >= 500 && !retryable ? '1' : undefined);
    }
  });

  it.each(codes)('RT-9: %s says X-Plumbline-Overloaded exactly where it is a 503 or 429', (code) => {
    const { header, answer } = written(rejection(code, ''));
    expect(header('x-plumbline-overloaded')).toBe(answer.status === 503 || answer.status === 429 ? '1' : undefined);
  });

  it('carries what the rejection brings: Allow, WWW-Authenticate, Retry-After', () => {
    expect(written(rejection('METHOD_NOT_ALLOWED', '', { headers: ['Allow', 'GET, POST'] })).header('allow')).toBe('GET, POST');
  });
});
