import { describe, expect, it } from 'vitest';
import { answerOf, exchange } from '../../test/kit/exchange.ts';
import type { Exchange } from './exchange.ts';
import { outcomeOf } from './outcome.ts';
import { rejection } from './rejection.ts';
import { refuse } from './stage.ts';

const ended = (more: Partial<Pick<Exchange, 'answer' | 'end' | 'headAt' | 'brokenBy'>>): Exchange => Object.assign(exchange(), more);

describe('how an exchange ended, for log and metrics', () => {
  it('an answer of the upstream', () => {
    expect(outcomeOf(ended({ answer: answerOf(201), end: 'complete', headAt: 1 }))).toEqual({
      status: 201,
      code: '',
      origin: 'upstream',
      flags: [],
    });
  });

  it('a refusal has its code', () => {
    const x = ended({ answer: refuse(rejection('OVERLOADED', '')), end: 'complete', headAt: 1 });
    expect(outcomeOf(x)).toMatchObject({ status: 503, code: 'OVERLOADED', origin: 'gateway' });
  });

  it('EV-3: a caller that left before the head is 499 CLIENT_CLOSED, whatever the answer would have been', () => {
    const x = ended({ answer: answerOf(200), end: 'client-closed' });
    expect(outcomeOf(x)).toEqual({ status: 499, code: 'CLIENT_CLOSED', origin: 'gateway', flags: ['client-closed'] });
  });

  it('EV-3: a caller that left in mid-answer is 499 too, and the answer was the upstream’s', () => {
    const x = ended({ answer: answerOf(200), end: 'client-closed', headAt: 1 });
    expect(outcomeOf(x)).toMatchObject({ status: 499, code: 'CLIENT_CLOSED', origin: 'upstream' });
  });

  it('EV-7: an answer that broke off keeps its status and says why', () => {
    const x = ended({ answer: answerOf(200), end: 'upstream-broken', headAt: 1, brokenBy: 'UPSTREAM_RESET' });
    expect(outcomeOf(x)).toEqual({ status: 200, code: 'UPSTREAM_RESET', origin: 'upstream', flags: ['upstream-broken'] });
  });

  it('adds its end to the flags without changing them', () => {
    const x = ended({ answer: answerOf(200), end: 'cut', headAt: 1 });
    x.flags.push('idle');
    expect([outcomeOf(x).flags, outcomeOf(x).flags, x.flags]).toEqual([['idle', 'cut'], ['idle', 'cut'], ['idle']]);
  });

  it('is never without a status', () => {
    expect(outcomeOf(ended({ end: 'complete' }))).toMatchObject({ status: 499, origin: 'gateway' });
  });
});
