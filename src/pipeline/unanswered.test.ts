/** What the attempt loop says of an exchange of which nobody knows how it ended at the upstream (F7). */
import { describe, expect, it } from 'vitest';
import { type Event, play, simple } from '../../test/kit/run-harness.ts';

const unanswered = async (more: Partial<Parameters<typeof play>[0]>): Promise<string | undefined> =>
  (await play(simple(more))).x.unanswered;

describe('x.unanswered', () => {
  it.each<[readonly Event[], string | undefined]>([
    [['broken'], 'UPSTREAM_RESET'],
    [['cancel'], 'UPSTREAM_TIMEOUT'],
    [['gone'], 'CLIENT_CLOSED'],
    [['cut'], 'OVERLOADED'],
    [['head'], undefined],
    [['head', 'data', 'broken'], undefined],
    [['head', 'data', 'gone'], undefined],
    [['retryable', 'end'], undefined],
  ])('after %j it is %s', async (events, expected) => {
    expect(await unanswered({ events })).toBe(expected);
  });

  it('of several tries the last that was sent counts', async () => {
    expect(await unanswered({ tries: 2, events: ['retryable', 'broken'] })).toBe('UPSTREAM_RESET');
    expect(await unanswered({ tries: 2, events: ['retryable', 'head', 'end'] })).toBeUndefined();
  });

  it('is nothing where a stage refused the try', async () => {
    expect(await unanswered({ attemptRefuses: true })).toBeUndefined();
  });

  it('an answer that was to be had whole and broke off is none', async () => {
    const stages = [{ onRequest: 'plain', onResponse: 'plain', need: 'whole', finishThrows: false }] as const;
    expect(await unanswered({ stages, events: ['head', 'data', 'broken'] })).toBe('UPSTREAM_RESET');
  });
});
