import { expect, test } from 'vitest';
import { isGrpc, isStreamType } from './stream-types.ts';

test.each([
  ['text/event-stream', true],
  ['application/x-ndjson', true],
  ['multipart/x-mixed-replace', true],
  ['application/grpc+proto', true],
  ['application/json', false],
  ['', false],
])('%j is a stream: %s', (type, expected) => {
  expect(isStreamType(type)).toBe(expected);
});

test.each([
  ['application/grpc', true],
  ['Application/gRPC-Web+proto; x=1', true],
  ['application/grp', false],
  ['text/plain', false],
])('Content-Type: %s is gRPC: %s', (type, expected) => {
  expect(isGrpc(['content-type', type])).toBe(expected);
  expect(isGrpc(['Content-Type', type])).toBe(expected);
});

test('no Content-Type is not gRPC', () => {
  expect(isGrpc(['Accept', 'application/grpc'])).toBe(false);
});
