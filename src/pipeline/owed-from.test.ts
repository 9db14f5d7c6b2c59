/** Since when an answer is owed: what the caller's own upload takes is not the time of the service (docs/sla.md, "Latency"). */
import { expect, test } from 'vitest';
import { type Event, play, simple } from '../../test/kit/run-harness.ts';

const owedAfterMs = async (bodyLength: number | undefined, events: readonly Event[]): Promise<number> => {
  const { x } = await play(simple({ bodyLength, events }));
  return x.owedFrom - x.startedAt;
};

test.each<readonly [bodyLength: number | undefined, afterMs: number, events: readonly Event[]]>([
  [undefined, 0, ['time', 'head', 'end']],
  [5, 60, ['time', 'body end', 'turn', 'time', 'head', 'end']],
  [5, 120, ['time', 'body', 'time', 'body end', 'turn', 'head', 'end']],
])('a request with a body of %s bytes is owed an answer after %d ms: %j', async (bodyLength, afterMs, events) => {
  expect(await owedAfterMs(bodyLength, events)).toBe(afterMs);
});

test('an answer that did not wait for the upload was owed from the start', async () => {
  const { x, down } = await play(simple({ bodyLength: 100_000, events: ['time', 'head', 'turn', 'time', 'body end', 'end'] }));
  expect([down.status, x.requestBody.state, x.owedFrom - x.startedAt]).toEqual([200, 'ended', 0]);
});
