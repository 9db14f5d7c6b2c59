import { type Agent, request } from 'node:http';
import { type Origin, startOrigin } from '../kit/origin.ts';
import type { Recording } from './recordings.ts';

/** What came back through the gateway. */
export interface Replayed {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly requestId: string;
}

/** An origin that answers each request with what was recorded, as long as they come in the order of the recordings. */
export interface RecordedOrigin extends Origin {
  /** What is answered next. */
  play(recording: Recording): void;
  /** What it was asked that was not what is recorded. */
  readonly differences: readonly string[];
}

export async function startRecordedOrigin(): Promise<RecordedOrigin> {
  let next: Recording | undefined;
  const differences: string[] = [];
  const origin = await startOrigin(async (req, res, whole) => {
    const body = await whole();
    if (next === undefined || req.method !== next.method || req.url !== next.target || !body.equals(next.requestBody))
      differences.push(`${next?.name}: asked ${req.method} ${req.url} with ${body.length} bytes`);
    res.sendDate = false;
    res.writeHead(next?.status ?? 500, [...(next?.responseHeaders ?? [])]);
    res.end(next?.responseBody);
  });
  return Object.assign(origin, {
    play: (recording: Recording) => {
      next = recording;
    },
    differences,
  });
}

/** Sends a recorded request to a port of 127.0.0.1. */
export function send(recording: Recording, port: number, agent: Agent): Promise<Replayed> {
  const { method, target, requestHeaders, requestBody } = recording;
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, agent, method, path: target, headers: [...requestHeaders] }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.rawHeaders,
          body: Buffer.concat(chunks),
          requestId: String(res.headers['x-request-id']),
        }),
      );
    });
    req.on('error', reject);
    req.end(requestBody);
  });
}
