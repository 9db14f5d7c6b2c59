import type { Maybe } from '../../core/stage.ts';

/** Goes on at once where the value is here, and only else when it comes: most verdicts wait for nothing. */
export function next<T, U>(value: Maybe<T>, then: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(then) : then(value);
}
