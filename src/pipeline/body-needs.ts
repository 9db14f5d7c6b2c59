import type { Exchange } from '../core/exchange.ts';
import type { Answer, BodyTap } from '../core/stage.ts';
import type { CompiledRoute } from './compile.ts';

/** The most that any stage wants of an answer's body; undefined: nobody does. */
export interface BodyNeeds {
  readonly wholeBytes: number | undefined;
  readonly copyBytes: number | undefined;
  /** Undefined: none. */
  readonly taps: readonly BodyTap[] | undefined;
}

/** Whom a stage that threw is told to. */
export interface BugHost {
  bug(stage: string, hook: string, error: unknown): void;
}

/** Asks the stages that were entered, `states.length` of them at most: one further in knows nothing of the exchange. */
export function bodyNeeds(route: CompiledRoute, x: Exchange, answer: Answer, states: readonly unknown[], host: BugHost): BodyNeeds {
  let wholeBytes: number | undefined;
  let copyBytes: number | undefined;
  let taps: BodyTap[] | undefined;
  for (const { stage, index } of route.asking) {
    if (index >= states.length) break;
    try {
      const need = stage.responseBody?.(x, answer, states[index]);
      if (need === undefined) continue;
      if (need.as === 'tap') {
        taps ??= [];
        taps.push(need.tap);
      } else if (need.as === 'copy') copyBytes = Math.max(copyBytes ?? 0, need.maxBytes);
      else wholeBytes = Math.max(wholeBytes ?? 0, need.maxBytes);
    } catch (error) {
      host.bug(stage.name, 'responseBody', error);
    }
  }
  return { wholeBytes, copyBytes, taps };
}
