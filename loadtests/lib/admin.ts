import http from 'k6/http';
import { sleep } from 'k6';
import { parseExposition, type Sample } from './exposition.ts';

/** Sums of counters by a key of the caller's choice. */
export type Counts = Record<string, number>;

/** @throws where the admin listener does not answer. */
export function readMetrics(admin: string): Sample[] {
  const answer = http.get(`${admin}/metrics`, { headers: { accept: 'text/plain;version=0.0.4' }, tags: { name: 'metrics', way: 'admin' } });
  if (answer.status !== 200 || typeof answer.body !== 'string')
    throw new Error(`${admin}/metrics answered ${answer.status} ${answer.error}`);
  return parseExposition(answer.body);
}

const TRIES = 50;
const PAUSE_SECONDS = 0.2;

/** Verdicts come after the answer: reads until two reads in a row are the same and `isSettled`, ten seconds at most. */
export function readSettled(admin: string, read: (samples: readonly Sample[]) => Counts, isSettled: (counts: Counts) => boolean): Counts {
  let last = '';
  let counts: Counts = {};
  for (let i = 0; i < TRIES; i += 1) {
    counts = read(readMetrics(admin));
    const now = JSON.stringify(counts);
    if (now === last && isSettled(counts)) return counts;
    last = now;
    sleep(PAUSE_SECONDS);
  }
  return counts;
}

/** What was counted between the two. */
export function grown(before: Counts, after: Counts): Counts {
  return Object.fromEntries(Object.entries(after).map(([key, count]) => [key, count - (before[key] ?? 0)]));
}
