/**
 * Time that may pass until an answer. When it is over, what has come by then is looked at first (timers run before sockets are read): an event
 * loop that was busy for longer must not make every call of that time look unanswered.
 */
export class Budget {
  readonly #timer: NodeJS.Timeout;
  #last: NodeJS.Immediate | undefined = undefined;

  /** `over` is called once, unless it was cancelled before. */
  constructor(ms: number, over: () => void) {
    this.#timer = setTimeout(() => {
      this.#last = setImmediate(over);
    }, ms);
    this.#timer.unref();
  }

  /** The process stays until it is over, though nothing else is left to do. */
  hold(): void {
    this.#timer.ref();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#last);
  }
}
