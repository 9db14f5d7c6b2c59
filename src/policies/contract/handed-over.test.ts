import { describe, expect, it } from 'vitest';
import { checked, judged } from '../../../test/kit/contract-stage.ts';
import { fakeOperation, invalid, skippedFor } from '../../../test/kit/contract.ts';
import { answerOf, fakeDeps } from '../../../test/kit/exchange.ts';
import type { CheckJob } from '../../core/body-checking.ts';

/** A worker that finds fault with all it gets. */
function worker() {
  const jobs: CheckJob[] = [];
  const checkPool = {
    check(job: CheckJob) {
      jobs.push(job);
      return Promise.resolve({ outcome: invalid({}), deprecated: [], drift: [] });
    },
  };
  return { jobs, deps: Object.assign(fakeDeps(), { checkPool }) };
}

describe('a body that takes too long on the event loop', () => {
  it('is judged by the worker', async () => {
    const { jobs, deps } = worker();
    const made = judged({ operation: fakeOperation({ requestBody: skippedFor('too_large') }), deps });
    await made.request();
    made.answered(answerOf(204));
    made.copy('request', '{}');
    await new Promise((resolve) => setImmediate(resolve));
    made.finish();
    expect(jobs.map(({ bytes, side }) => [bytes, side])).toEqual([[2, 'request']]);
    expect(made.checks()).toMatchObject(checked('request', 'invalid'));
  });

  it.each(['no_schema', 'unsupported', 'media_type'] as const)('what cannot be judged at all (%s) is not', async (reason) => {
    const { jobs, deps } = worker();
    const made = judged({ operation: fakeOperation({ requestBody: skippedFor(reason) }), deps });
    await made.request();
    made.answered(answerOf(204));
    made.copy('request', '{}');
    made.finish();
    expect(jobs).toEqual([]);
    expect(made.checks()).toMatchObject(checked('request', `skipped ${reason}`));
  });
});
