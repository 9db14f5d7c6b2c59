import type { Answer } from '../../core/stage.ts';
import type { Plan } from './plan.ts';

/** The service's own words, now or repeated under an idempotency key. */
export function isServices({ origin }: Answer): boolean {
  return origin === 'upstream' || origin === 'replay';
}

/** Held back until it is judged. A replay again: the contract may have changed since, and what is enforced holds for every answer. */
export function isEnforced(answer: Answer, plan: Plan): boolean {
  return plan.response === 'enforce' && isServices(answer);
}

/**
 * Judged when it has left. A replay was told of when it was new. A fallback is the operator's own choice for when there is nothing better: told of
 * in enforce too, never refused.
 */
export function isReported({ origin }: Answer, plan: Plan): boolean {
  return origin === 'fallback' ? plan.response !== 'off' : origin === 'upstream' && plan.response === 'report';
}
