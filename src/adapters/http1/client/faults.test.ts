import { describe, expect, it } from 'vitest';
import { CODES } from '../../../core/rejection.ts';
import { connectFault } from './faults.ts';

const failure = (code: string | undefined, message = 'failed'): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('why there is no connection', () => {
  it.each([
    ['ECONNREFUSED', 'UPSTREAM_REFUSED'],
    ['EHOSTUNREACH', 'UPSTREAM_REFUSED'],
    ['ENETUNREACH', 'UPSTREAM_REFUSED'],
    ['EADDRNOTAVAIL', 'UPSTREAM_REFUSED'],
    ['ECONNRESET', 'UPSTREAM_RESET'],
    ['EMFILE', 'UPSTREAM_REFUSED'],
    ['ENOTFOUND', 'DNS_FAILURE'],
    ['EAI_AGAIN', 'DNS_FAILURE'],
    ['EAI_FAIL', 'DNS_FAILURE'],
    ['ENODATA', 'DNS_FAILURE'],
    ['ETIMEDOUT', 'CONNECT_TIMEOUT'],
    ['SOMETHING_NEW', 'UPSTREAM_REFUSED'],
    [undefined, 'UPSTREAM_REFUSED'],
  ] as const)('ER-0: %s is %s', (code, expected) => {
    expect(connectFault(failure(code)).code).toBe(expected);
  });

  it('looks into an error of several addresses at the first of them', () => {
    expect(connectFault(new AggregateError([failure('ETIMEDOUT'), failure('ENETUNREACH')])).code).toBe('CONNECT_TIMEOUT');
    expect(connectFault(new AggregateError([])).code).toBe('UPSTREAM_REFUSED');
  });

  it('tells nothing of addresses, and gives codes that exist', () => {
    const fault = connectFault(failure('ECONNREFUSED', 'connect ECONNREFUSED 10.1.2.3:8080'));
    expect(fault.detail).not.toContain('10.1.2.3');
    expect(CODES[fault.code].status).toBe(502);
  });
});
