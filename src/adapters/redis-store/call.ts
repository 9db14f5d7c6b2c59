import type { Clock } from '../../core/ports.ts';
import { Budget } from './budget.ts';
import { type FaultCode, replyCode } from './faults.ts';
import type { Argument } from './link.ts';
import type { Outcome } from './metrics.ts';
import type { Known, RedisScript } from './scripts.ts';

/** What a call needs of the store that makes it. */
export interface Caller {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timeoutMs: number;
  /** The process stays for the answer: at its end somebody waits for that, and for nothing else. */
  readonly staysForIt: boolean;
  send(name: string, args: readonly Argument[]): Promise<unknown>;
  /** No answer within the time. */
  onUnanswered(): void;
  /** Redis replied an error. */
  onRefused(code: FaultCode): void;
  /** The reply is none that the script makes. */
  onMalformed(): void;
  /** Redis has nothing of it any more: answered, or its connection is gone. May be long after `done`. */
  onOver(bytes: number): void;
}

export interface Asked<R> {
  readonly script: RedisScript<R>;
  readonly known: Known;
  /** Number of keys, keys and values, as they follow the script. */
  readonly args: readonly Argument[];
  readonly bytes: number;
}

/** One script, run once: `EVALSHA`, and `EVAL` where Redis does not know it (any more), both within the time of one. */
export class Call<R> {
  readonly #caller: Caller;
  readonly #asked: Asked<R>;
  #done: ((outcome: Outcome, value: R | undefined) => void) | undefined;
  readonly #startedAt: number;
  readonly #budget: Budget;
  #isWhole = false;

  /** Sends it. `done` is called once, at the latest when its time is over; `value` is there where the outcome is `ok`. */
  constructor(caller: Caller, asked: Asked<R>, done: (outcome: Outcome, value: R | undefined) => void) {
    this.#caller = caller;
    this.#asked = asked;
    this.#done = done;
    this.#startedAt = caller.clock.monotonicMs();
    this.#budget = new Budget(caller.timeoutMs, () => {
      this.#settle('timeout', undefined);
      caller.onUnanswered();
    });
    if (caller.staysForIt) this.#budget.hold();
    this.#send('evalsha', asked.known.sha);
  }

  #send(command: string, script: string): void {
    const answer = this.#caller.send(command, [script, ...this.#asked.args]);
    answer.then(
      (reply) => this.#replied(reply),
      (error: unknown) => this.#failed(error),
    );
  }

  #replied(reply: unknown): void {
    this.#caller.onOver(this.#asked.bytes);
    if (this.#done === undefined) return; // too late
    const value = readable(this.#asked.script, reply);
    this.#settle(value === undefined ? 'error' : 'ok', value);
    if (value === undefined) this.#caller.onMalformed();
  }

  #failed(error: unknown): void {
    const code = replyCode(error);
    if (code === 'NOSCRIPT' && !this.#isWhole && this.#done !== undefined) {
      this.#isWhole = true;
      return this.#send('eval', this.#asked.script.lua);
    }
    this.#caller.onOver(this.#asked.bytes);
    if (this.#done === undefined) return; // too late
    this.#settle(code === undefined ? 'down' : 'error', undefined);
    if (code !== undefined) this.#caller.onRefused(code);
  }

  #settle(outcome: Outcome, value: R | undefined): void {
    const done = this.#done;
    if (done === undefined) return;
    this.#done = undefined;
    this.#budget.cancel();
    const { calls, seconds } = this.#asked.known;
    calls[outcome].inc();
    seconds.observe((this.#caller.clock.monotonicMs() - this.#startedAt) / 1000);
    done(outcome, value);
  }
}

/** What comes from outside may be of any shape: a reader that stumbles over it has not read it. */
function readable<R>(script: RedisScript<R>, reply: unknown): R | undefined {
  try {
    return script.read(reply);
  } catch {
    return undefined;
  }
}
