import type { Location } from '../../core/contract.ts';
import type { Findings } from './judging.ts';
import type { Candidate } from './parameters/coerce.ts';
import type { Judgement, Unit } from './schema/unit.ts';

/**
 * Judges text that may be read in several ways: one that fits is enough. Else what is wrong with the first is noted; `all`: there are no other
 * ways, else nothing certain is known.
 */
export function judgeReadings(
  unit: Unit,
  { readings, all }: { readonly readings: readonly Candidate[]; readonly all: boolean },
  bytes: number,
  at: { readonly location: Location; readonly pointer: string },
  findings: Findings,
): void {
  let first: Exclude<Judgement, true> | undefined;
  for (const { value, written } of readings) {
    const judgement = unit.judge(value, bytes, written);
    if (judgement === true) return;
    // What cannot be judged tells less than what is known to be wrong.
    if (first === undefined || typeof first === 'string') first = judgement;
  }
  if (first === undefined) return;
  if (typeof first === 'string') findings.skip(first);
  else if (!all) findings.skip('unsupported');
  else findings.list(first, at.location, at.pointer);
}
