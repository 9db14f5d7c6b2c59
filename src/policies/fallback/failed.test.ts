import { expect, it } from 'vitest';
import { answerOf } from '../../../test/kit/exchange.ts';
import { CODES, type RejectionCode, rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';
import { hasFailed } from './failed.ts';

const TRIGGERS = [
  'CIRCUIT_OPEN',
  'CONCURRENCY_LIMIT',
  'CONNECT_TIMEOUT',
  'DEADLINE_EXHAUSTED',
  'DNS_FAILURE',
  'UPSTREAM_BAD_FRAMING',
  'UPSTREAM_REFUSED',
  'UPSTREAM_RESET',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_TLS_ERROR',
];

it('FB-1: of our own answers these are what a fallback is for, and no others', () => {
  const codes = (Object.keys(CODES) as RejectionCode[]).filter((code) => hasFailed(refuse(rejection(code, ''))));
  expect(codes.sort()).toEqual(TRIGGERS);
});

it('FB-1: of the upstream’s statuses 502, 503 and 504', () => {
  const statuses = Array.from({ length: 500 }, (_, i) => i + 100).filter((status) => hasFailed(answerOf(status)));
  expect(statuses).toEqual([502, 503, 504]);
});

it.each(['replay', 'fallback', 'gateway'] as const)('FB-1: not the 503 of a %s', (origin) => {
  expect(hasFailed(answerOf(503, { origin }))).toBe(false);
});
