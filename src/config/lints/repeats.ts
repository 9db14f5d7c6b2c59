import type { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';

/**
 * What contracts say of requests that are sent twice, and configuration adds: where every route of a contract takes idempotency keys, its
 * operations have a repeat story after all.
 */
export function withRepeatStories(problems: readonly Problem[], { routes }: Settings): Problem[] {
  return problems.flatMap((problem) => {
    if (problem.code !== 'no_repeat_story') return [problem];
    const own = routes.filter(({ contract, webhooks }) => contract === problem.contract && webhooks === undefined);
    if (own.length > 0 && own.every(({ policies }) => policies.idempotency !== undefined)) return [];
    return [problem];
  });
}
