import type { Exchange } from '../core/exchange.ts';
import { rejection } from '../core/rejection.ts';
import { type Answer, type End, type Maybe, refuse } from '../core/stage.ts';
import { type BodyNeeds, type BugHost, bodyNeeds } from './body-needs.ts';
import type { CompiledRoute, Slot } from './compile.ts';

export interface WalkHost extends BugHost {
  /** Every stage was entered and none has answered. */
  descended(): void;
  /** An answer turns round: nothing can be cancelled any more. */
  turned(): void;
  /** Every stage that was entered has seen the answer. */
  ascended(answer: Answer): void;
}

/** The request stages of one exchange: entered in order, left in reverse from where an answer turned round, finished exactly once each. */
export class StageWalk {
  readonly #route: CompiledRoute;
  readonly #x: Exchange;
  readonly #host: WalkHost;
  /** By stage; as many as were entered. */
  readonly states: unknown[] = [];
  #entered = 0;

  constructor(route: CompiledRoute, x: Exchange, host: WalkHost) {
    this.#route = route;
    this.#x = x;
    this.#host = host;
  }

  /** `waiting`: what was wrong with the message before there was a route; it turns round behind the last stage like any other answer. */
  enter(from: number, waiting: Answer | undefined): void {
    const slots = this.#route.stages;
    for (let i = from; i < slots.length; i++) {
      const { stage } = slots[i] as Slot;
      let result: Maybe<Answer | undefined>;
      try {
        this.states[i] = stage.open?.(this.#x);
        this.#entered = i + 1;
        result = stage.onRequest?.(this.#x, this.states[i]);
      } catch (error) {
        return this.#failed(stage.name, error, i);
      }
      if (result instanceof Promise) {
        result.then(
          (answer) => {
            if (!this.#turnedAt(answer, i)) this.enter(i + 1, waiting);
          },
          (error: unknown) => this.#failed(stage.name, error, i),
        );
        return;
      }
      if (this.#turnedAt(result, i)) return;
    }
    if (waiting === undefined) this.#host.descended();
    else this.turn(waiting);
  }

  #turnedAt(answer: Answer | undefined, i: number): boolean {
    if (answer !== undefined) this.#turn(answer, i - 1);
    else if (this.#x.cancelled !== undefined) this.#turn(refuse(this.#x.cancelled), i);
    else return false;
    return true;
  }

  #failed(stage: string, error: unknown, i: number): void {
    this.#host.bug(stage, 'onRequest', error);
    this.#turn(INTERNAL, i - 1);
  }

  needs(answer: Answer): BodyNeeds {
    return bodyNeeds(this.#route, this.#x, answer, this.states, this.#host);
  }

  /** An answer from inside of all stages that were entered. */
  turn(answer: Answer): void {
    this.#turn(answer, this.#entered - 1);
  }

  #turn(answer: Answer, from: number): void {
    this.#host.turned();
    this.#leave(answer, from);
  }

  #leave(start: Answer, from: number): void {
    let answer = start;
    for (let i = from; i >= 0; i--) {
      const { stage } = this.#route.stages[i] as Slot;
      if (stage.onResponse === undefined) continue;
      let result: Maybe<Answer>;
      try {
        result = stage.onResponse(this.#x, answer, this.states[i]);
      } catch (error) {
        this.#host.bug(stage.name, 'onResponse', error);
        result = INTERNAL;
      }
      if (result instanceof Promise) {
        result.then(
          (next) => this.#leave(next, i - 1),
          (error: unknown) => {
            this.#host.bug(stage.name, 'onResponse', error);
            this.#leave(INTERNAL, i - 1);
          },
        );
        return;
      }
      answer = result;
    }
    this.#host.ascended(answer);
  }

  finish(end: End): void {
    for (let i = this.#entered - 1; i >= 0; i--) {
      const { stage } = this.#route.stages[i] as Slot;
      try {
        stage.onFinish?.(this.#x, end, this.states[i]);
      } catch (error) {
        this.#host.bug(stage.name, 'onFinish', error);
      }
    }
  }
}

const INTERNAL = refuse(rejection('INTERNAL_ERROR', 'the gateway failed'));
