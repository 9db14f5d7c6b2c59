import { describe, expect, it } from 'vitest';
import { isStream, keptHeaders, replayOf } from './kept-answer.ts';

describe('what is kept of an answer', () => {
  it('ID-5: header fields in their order, case and number, without what belongs to one exchange alone', () => {
    const headers = [
      ...['Content-Type', 'application/json', 'Location', '/things/1', 'X-A', '1', 'x-a', '', 'ETag', '"v1"', 'Content-Length', '2'],
      ...['Set-Cookie', 's=1', 'Date', 'Wed, 21 Oct 2015 07:28:00 GMT', 'Via', '1.1 other', 'X-Request-ID', 'r', 'X-Correlation-ID', 'c'],
      ...['RateLimit', '"a";r=1', 'RateLimit-Policy', '"a";q=1', 'X-RateLimit-Remaining', '1', 'Connection', 'close, X-Hop', 'X-Hop', 'h'],
      ...['Transfer-Encoding', 'chunked', 'Keep-Alive', 'timeout=5', 'Trailer', 'X-T', 'Idempotent-Replayed', 'true', 'Retry-After', '3'],
    ];
    const replay = replayOf(201, keptHeaders(headers), Buffer.from('{}'));
    expect(replay).toMatchObject({ origin: 'replay', status: 201, unread: undefined, rejection: undefined });
    expect(replay.headers).toEqual([
      ...['Content-Type', 'application/json', 'Location', '/things/1', 'X-A', '1', 'x-a', '', 'ETag', '"v1"', 'Content-Length', '2'],
      ...['Retry-After', '3', 'Idempotent-Replayed', 'true'],
    ]);
  });

  it('ID-5: an answer without header fields has the mark alone', () => {
    expect(replayOf(204, keptHeaders(['Date', 'x']), new Uint8Array(0)).headers).toEqual(['Idempotent-Replayed', 'true']);
  });

  it.each([
    ['text/event-stream', true],
    ['Text/Event-Stream; charset=utf-8', true],
    ['application/x-ndjson', true],
    ['application/jsonl', true],
    ['application/grpc', true],
    ['application/grpc+proto', true],
    ['multipart/x-mixed-replace; boundary=b', true],
    ['application/json', false],
    ['multipart/form-data; boundary=b', false],
  ])('ID-5: %s is a stream: %s', (type, stream) => {
    expect(isStream(['content-type', type])).toBe(stream);
    expect(isStream([])).toBe(false);
  });
});
