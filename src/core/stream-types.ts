import { type RawHeaders, headerValue } from './headers.ts';

const STREAMS: ReadonlySet<string> = new Set([
  'text/event-stream',
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/json-lines',
  'application/json-seq',
  'application/stream+json',
  'multipart/x-mixed-replace',
]);
const GRPC = 'application/grpc';

/** Whether a body of this media type comes bit by bit and is never held back. In lower case, without parameters. */
export function isStreamType(mediaType: string): boolean {
  return STREAMS.has(mediaType) || mediaType.startsWith(GRPC);
}

/** gRPC, in any of its encodings (gRPC over HTTP2, "Content-Type"). */
export function isGrpc(headers: RawHeaders): boolean {
  const type = headerValue(headers, 'content-type');
  return type !== undefined && type.length >= GRPC.length && type.slice(0, GRPC.length).toLowerCase() === GRPC;
}
