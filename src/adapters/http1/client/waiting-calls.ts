import type { Call, Carrier } from './call.ts';

/** Calls that wait for a connection, first come first served. A linked list, so that one that is given up leaves at no cost. */
export class WaitingCalls implements Carrier {
  size = 0;
  #first: Call | undefined = undefined;
  #last: Call | undefined = undefined;

  push(call: Call): void {
    call.carrier = this;
    call.previous = this.#last;
    if (this.#last === undefined) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
    this.size += 1;
  }

  shift(): Call | undefined {
    const first = this.#first;
    if (first !== undefined) this.abandon(first);
    return first;
  }

  abandon(call: Call): void {
    const { previous, next } = call;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    call.previous = call.next = undefined;
    this.size -= 1;
  }

  /** Nothing flows yet that could be held. */
  pause(): void {}

  resume(): void {}
}
