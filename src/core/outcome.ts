import type { Exchange } from './exchange.ts';
import type { Origin } from './stage.ts';

/** How an exchange ended, in the words of log and metrics. */
export interface ExchangeOutcome {
  /** 499 where the caller left (EV-3); 0 never. */
  readonly status: number;
  /** Code of a refusal or of what broke the answer; empty where all went well. */
  readonly code: string;
  readonly origin: Origin;
  readonly flags: readonly string[];
}

export function outcomeOf(x: Exchange): ExchangeOutcome {
  const { answer, end } = x;
  const left = end === 'client-closed';
  const ended = end === undefined || end === 'complete' ? undefined : end;
  return {
    status: left ? 499 : (answer?.status ?? 499),
    code: left ? 'CLIENT_CLOSED' : (answer?.rejection?.code ?? x.brokenBy ?? ''),
    origin: left && x.headAt === undefined ? 'gateway' : (answer?.origin ?? 'gateway'),
    flags: ended === undefined ? x.flags : [...x.flags, ended],
  };
}
