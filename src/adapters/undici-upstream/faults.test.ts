import { describe, expect, it } from 'vitest';
import { CODES } from '../../core/rejection.ts';
import { upstreamFault } from './faults.ts';

const failure = (code: string | undefined, message = 'failed', name = 'Error'): Error =>
  Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });

describe('what an error of the way to the upstream means', () => {
  it.each([
    ['ECONNREFUSED', 'UPSTREAM_REFUSED'],
    ['EHOSTUNREACH', 'UPSTREAM_REFUSED'],
    ['ENETUNREACH', 'UPSTREAM_REFUSED'],
    ['EADDRNOTAVAIL', 'UPSTREAM_REFUSED'],
    ['ENOTFOUND', 'DNS_FAILURE'],
    ['EAI_AGAIN', 'DNS_FAILURE'],
    ['EAI_FAIL', 'DNS_FAILURE'],
    ['ENODATA', 'DNS_FAILURE'],
    ['ETIMEDOUT', 'CONNECT_TIMEOUT'],
    ['UND_ERR_CONNECT_TIMEOUT', 'CONNECT_TIMEOUT'],
    ['UND_ERR_HEADERS_OVERFLOW', 'UPSTREAM_BAD_FRAMING'],
    ['HPE_INVALID_CONSTANT', 'UPSTREAM_BAD_FRAMING'],
    ['HPE_UNEXPECTED_CONTENT_LENGTH', 'UPSTREAM_BAD_FRAMING'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UPSTREAM_BAD_FRAMING'],
    ['ERR_ASSERTION', 'UPSTREAM_BAD_FRAMING'],
    ['ECONNRESET', 'UPSTREAM_RESET'],
    ['EPIPE', 'UPSTREAM_RESET'],
    ['UND_ERR_SOCKET', 'UPSTREAM_RESET'],
    ['UND_ERR_INVALID_ARG', 'MALFORMED_REQUEST'],
    ['UND_ERR_NOT_SUPPORTED', 'MALFORMED_REQUEST'],
    ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'MALFORMED_REQUEST'],
    ['SOMETHING_NEW', 'UPSTREAM_RESET'],
    [undefined, 'UPSTREAM_RESET'],
  ] as const)('ER-0: %s before a head is %s', (code, expected) => {
    expect(upstreamFault(failure(code), false).code).toBe(expected);
  });

  it('looks into an error of several addresses at the first of them', () => {
    const several = new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')]);
    expect(upstreamFault(several, false).code).toBe('UPSTREAM_REFUSED');
    expect(upstreamFault(new AggregateError([]), false).code).toBe('UPSTREAM_RESET');
  });

  it('ER-0: what undici says without a code about an answer that nobody may send is bad framing', () => {
    expect(upstreamFault(failure(undefined, 'bad response'), false).code).toBe('UPSTREAM_BAD_FRAMING');
    expect(upstreamFault(failure(undefined, 'bad upgrade'), false).code).toBe('UPSTREAM_BAD_FRAMING');
    expect(upstreamFault(failure(undefined, 'Response does not match', 'HTTPParserError'), true).code).toBe('UPSTREAM_BAD_FRAMING');
  });

  it('EV-7: an answer that is not as long as its head said is one cut short', () => {
    expect(upstreamFault(failure('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), true).code).toBe('UPSTREAM_RESET');
  });

  it('a connection that times out after a head had come was no failure to connect', () => {
    expect(upstreamFault(failure('ETIMEDOUT'), true).code).toBe('UPSTREAM_RESET');
  });

  it('tells nothing of addresses, and gives codes that exist', () => {
    const fault = upstreamFault(failure('ECONNREFUSED', 'connect ECONNREFUSED 10.1.2.3:8080'), false);
    expect(fault.detail).not.toContain('10.1.2.3');
    expect(CODES[fault.code].status).toBe(502);
  });
});
