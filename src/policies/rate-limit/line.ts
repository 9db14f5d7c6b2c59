import type { Clock, Timer, Timers } from '../../core/ports.ts';
import type { Maybe } from '../../core/stage.ts';

/** Who stands in a line. `T` is a turn that was granted. */
export interface Waiter<T> {
  /** Whether a turn at this instant is of no use to it any more. */
  isLate(turnAt: number): boolean;
  /** Asks for its turn: granted, milliseconds until it is worth asking again, or over for another reason that it has dealt with. */
  ask(): Maybe<T | number | 'over'>;
  /** It has its turn, and stands in the line no more. */
  granted(turn: T): void;
  /** Its turn would come too late, at this instant; it stands in the line no more. */
  late(turnAt: number): void;
  /** It had left when its turn came, and nobody stands behind it. */
  unwanted(turn: T): void;
}

/**
 * Requests that wait for their turn at one key, first come, first served (RL-5). Only the first asks, one question at a time, so that a
 * store in another process gives turns in this order too. A partner may have the whole line held until an instant.
 */
export class Line<T extends object> {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #timers: Timers;
  readonly #waiting: Waiter<T>[] = [];
  /** Who has asked and not been answered; it may have left meanwhile. */
  #asking: Waiter<T> | undefined = undefined;
  #timer: Timer | undefined = undefined;
  /** Monotonic instants: from when on the limit grants the next turn, as far as it has said; and until when nobody asks at all. */
  #grantsAt = Number.NEGATIVE_INFINITY;
  #heldUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonicMs'>, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Whoever comes must stand in it, and not go past. */
  get isBusy(): boolean {
    return this.#waiting.length > 0 || this.#asking !== undefined || this.#heldUntil > this.#clock.monotonicMs();
  }

  /** When the turn of the one behind `ahead` others comes at the earliest, where the limit grants one every `spacingMs`. */
  turnAt(ahead: number, spacingMs: number): number {
    return Math.max(this.#clock.monotonicMs(), this.#heldUntil, this.#grantsAt + ahead * spacingMs);
  }

  /** The limit has said when it grants the next turn. */
  grantsFrom(at: number): void {
    this.#grantsAt = at;
  }

  join(waiter: Waiter<T>): void {
    this.#waiting.push(waiter);
    if (this.#waiting.length > 1 || this.#asking !== undefined) return;
    if (this.#opensAt > this.#clock.monotonicMs()) this.#wait();
    else this.#next();
  }

  leave(waiter: Waiter<T>): void {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (this.#waiting.length === 0) this.#unschedule();
  }

  /** Nobody gets a turn before this instant; those for whom that is too late are told so at once. */
  hold(until: number, spacingMs: number): void {
    if (until <= this.#heldUntil) return;
    this.#heldUntil = until;
    const late = this.#waiting.filter((waiter, ahead) => waiter.isLate(this.turnAt(ahead, spacingMs)));
    for (const waiter of late) {
      this.leave(waiter);
      waiter.late(until);
    }
  }

  get #opensAt(): number {
    return Math.max(this.#heldUntil, this.#grantsAt);
  }

  #wait(): void {
    this.#unschedule();
    this.#timer = this.#timers.after(this.#opensAt - this.#clock.monotonicMs(), () => {
      this.#timer = undefined;
      this.#next();
    });
  }

  #unschedule(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The first asks, and, where turns are granted at once, those behind it. */
  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#heldUntil > this.#clock.monotonicMs()) return this.#wait();
      this.#asking = first;
      const turn = first.ask();
      if (turn instanceof Promise) {
        const asker = first;
        void turn.then((late) => {
          if (this.#heard(asker, late)) this.#next();
        });
        return;
      }
      if (!this.#heard(first, turn)) return;
    }
  }

  /** Whether the next one may ask at once. */
  #heard(asker: Waiter<T>, turn: T | number | 'over'): boolean {
    this.#asking = undefined;
    if (typeof turn === 'number') {
      this.#refused(this.#clock.monotonicMs() + turn);
      return false;
    }
    if (turn === 'over') {
      this.leave(asker);
      return true;
    }
    // The turn of one who has left belongs to the next: the limit has counted it.
    const taker = this.#waiting.includes(asker) ? asker : this.#waiting[0];
    if (taker === undefined) {
      asker.unwanted(turn);
      return false;
    }
    this.leave(taker);
    taker.granted(turn);
    return true;
  }

  #refused(turnAt: number): void {
    this.#grantsAt = turnAt;
    for (let first = this.#waiting[0]; first?.isLate(turnAt) === true; first = this.#waiting[0]) {
      this.leave(first);
      first.late(turnAt);
    }
    if (this.#waiting.length > 0) this.#wait();
  }
}
