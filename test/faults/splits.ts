/** Where a message is cut in two, so that each piece comes to the gateway by itself. */

/** More than this of one case would take longer than it is worth (`npm test` takes fewer than CI); what is left out lies in the middle of very long messages. */
const MAX_SPLITS = process.env.PLUMBLINE_TEST_LONG === '1' ? 160 : 12;
/** All runs of a case together send no more than this, and a little: a large message is cut in fewer places. */
const MAX_BYTES = 4 * 1024 * 1024;
const MIN_SPLITS = 12;
/** Of what follows a head: chunk sizes, trailers, the next request. */
const AFTER_HEAD_BYTES = 300;
/** Within a run of equal bytes one place is like the other. */
const RUN_STEP = 499;

/** Every boundary of two bytes of the head and of the beginning of what follows it, thinned out only in long runs and in very long heads. */
export function splitPoints(bytes: Buffer): number[] {
  const headEnd = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  const end = Math.min(bytes.length - 1, headEnd < 0 ? bytes.length - 1 : headEnd + 4 + AFTER_HEAD_BYTES);
  const points: number[] = [];
  for (let at = 1; at <= end; at++) if (!inRun(bytes, at) || at % RUN_STEP === 0) points.push(at);
  const most = Math.min(MAX_SPLITS, Math.max(MIN_SPLITS, Math.floor(MAX_BYTES / bytes.length)));
  if (points.length <= most) return points;
  const half = most / 2;
  const step = Math.ceil((points.length - half) / half);
  return points.filter((_, i) => i < half / 2 || i >= points.length - half / 2 || i % step === 0);
}

function inRun(bytes: Buffer, at: number): boolean {
  const byte = bytes[at];
  for (let i = at - 4; i < at + 4; i++) if (bytes[i] !== byte) return false;
  return true;
}
