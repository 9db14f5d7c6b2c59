import type { Afterwork, Task } from '../../core/ports.ts';

/** One queue, worked off when the event loop has read and written what it had: the same work one after the other, and no caller waits for it. */
export class LoopAfterwork implements Afterwork {
  readonly #onError: (error: unknown) => void;
  #tasks: Task[] = [];

  /** `onError`: what a task threw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(task: Task): void {
    if (this.#tasks.push(task) === 1) setImmediate(this.#work);
  }

  readonly #work = (): void => {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) {
      try {
        task.work();
      } catch (error) {
        this.#onError(error);
      }
    }
  };
}
