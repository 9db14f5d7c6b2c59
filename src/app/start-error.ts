import type { Problem } from '../config/problem.ts';

/**
 * Why the gateway cannot start, for the person who starts it: a contract that does not load, a port that is taken. Not a bug;
 * the process ends with 2 and no stack. Thrown by `startGateway` only, never once traffic flows.
 */
export class StartError extends Error {
  readonly problems: readonly Problem[];

  /** `problems` may be empty where the message says it all. */
  constructor(message: string, problems: readonly Problem[] = []) {
    super(message);
    this.name = 'StartError';
    this.problems = problems;
  }
}
