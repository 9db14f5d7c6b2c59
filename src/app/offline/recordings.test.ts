import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecording } from './recordings.ts';

const entry = {
  startedDateTime: '2026-11-22T09:00:00Z',
  request: { method: 'GET', url: 'https://api.example/a', headers: [], bodySize: 0 },
  response: { status: 200, headers: [], content: { size: 0 }, bodySize: 0 },
};
const har = (...entries: readonly unknown[]): string => JSON.stringify({ log: { entries } });
const line = JSON.stringify({ at: '2026-11-22T09:00:00Z', request: { method: 'GET', url: '/a' }, response: { status: 200 } });

describe('a file of traffic', () => {
  it.each([
    ['an archive', har(entry), 1, 0],
    ['an archive over many lines', JSON.stringify(JSON.parse(har(entry)), null, 2), 1, 0],
    ['an archive behind a byte order mark', `\uFEFF${har(entry, entry)}`, 2, 0],
    ['an archive without an entry', har(), 0, 0],
    ['a capture', `${line}\n${line}\n`, 2, 0],
    ['a capture behind a byte order mark', `\uFEFF${line}\r\n${line}\r\n`, 2, 0],
    ['a capture whose first lines are empty', `\n\r\n${line}\n`, 1, 0],
    ['a capture whose first exchange is cut off', `{"at":"2026-11-22T\n${line}\n`, 1, 1],
  ])('%s', (_, text, exchanges, unread) => {
    const recording = readRecording(text);
    expect([recording?.exchanges.length, recording?.unread.length]).toEqual([exchanges, unread]);
  });

  it.each([[''], ['\n\n'], ['{}'], ['[]'], ['null'], ['{"log":{}}'], ['<har>'], ['{"openapi":"3.1.0"}'], ['a,b\n1,2\n'], ['\0\0']])(
    '%j is none',
    (text) => {
      expect(readRecording(text)).toBeUndefined();
    },
  );

  it('whatever is in it, reading ends, and what is read has the form of an exchange', () => {
    const odd = fc.oneof(
      { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
      fc.constantFrom<unknown>(entry, entry.request, entry.response, [], '', 0),
    );
    const request = fc.record({ method: odd, url: odd, headers: odd, postData: odd, bodySize: odd, body: odd }, { requiredKeys: [] });
    const response = fc.record(
      { status: fc.oneof(odd, fc.constant(200)), headers: odd, content: odd, bodySize: odd, body: odd },
      { requiredKeys: [] },
    );
    const one = fc.record(
      { startedDateTime: odd, at: odd, request: fc.oneof(odd, request), response: fc.oneof(odd, response) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(one, odd), { maxLength: 4 }), (entries) => {
        const texts = [har(...entries), [line, ...entries.map((each) => JSON.stringify(each))].join('\n')];
        for (const text of texts)
          for (const exchange of readRecording(text)?.exchanges ?? []) {
            expect(exchange.status).toBeGreaterThan(100);
            expect(exchange.path.startsWith('/')).toBe(true);
            expect(Number.isNaN(exchange.at)).toBe(false);
          }
      }),
      { numRuns: 200 },
    );
  });

  it('nested without end it is read, or is none, and nothing breaks', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const strange = JSON.stringify(entry).replace('"2026-11-22T09:00:00Z"', deep);
    const recording = readRecording(`{"log":{"entries":[${strange},${JSON.stringify(entry)}]}}`);
    expect(recording === undefined || recording.exchanges.length === 1).toBe(true);
    expect(readRecording(`${line}\n${line.replace('"2026-11-22T09:00:00Z"', deep)}`)?.exchanges).toHaveLength(1);
    expect(readRecording(deep)).toBeUndefined();
  });
});
