import type { Exchange } from '../../core/exchange.ts';
import type { Answer } from '../../core/stage.ts';
import { NO_BODY } from './claim-record.ts';
import type { Claim } from './claim.ts';
import { type Settlement, unknown } from './claims.ts';
import { knownFingerprint } from './comparison.ts';
import type { IdempotencyConfig } from './config.ts';
import { keptHeaders } from './kept-answer.ts';

/** How a claim ends that was answered so (ID-4, ID-7). `release`: it is as if it had never been made. */
export function endingOf(x: Exchange, answer: Answer, claim: Claim, config: IdempotencyConfig): Settlement | 'release' {
  if (answer.origin !== 'upstream') return unansweredEnding(x, claim);
  if (!isStored(answer, config)) return 'release';
  const { status, body } = answer;
  const fingerprint = knownFingerprint(x, claim.digest);
  // What could not be compared with a repetition is of no use to it.
  if (body === 'stream' || fingerprint === '') return { state: 'marker', fingerprint, status, headers: '', body: NO_BODY };
  return { state: 'done', fingerprint, status, headers: keptHeaders(answer.headers), body };
}

/** ID-7: every answer of the upstream is, but for those of 5xx where the configuration says so. */
export function isStored({ origin, status }: Answer, { keep5xx }: IdempotencyConfig): boolean {
  return origin === 'upstream' && (keep5xx || status < 500);
}

/** No answer of the upstream: whether it has carried the request out depends on whether it has seen anything of it. */
export function unansweredEnding(x: Exchange, claim: Claim): Settlement | 'release' {
  return x.sent === 'nothing' ? 'release' : unknown(knownFingerprint(x, claim.digest));
}
