import https from 'node:https';
import type { Timers } from '../../core/ports.ts';
import type { ApiServer, Credentials } from './in-cluster.ts';
import { KubeError } from './kube-error.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: { readonly type: string; readonly value: unknown };
}

export interface KubeAnswer {
  readonly status: number;
  /** Parsed; undefined where it is no JSON. */
  readonly body: unknown;
  /** Seconds that the API server asks to be left alone for (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds: number | undefined;
}

/** For the whole of one call. */
export const CALL_TIMEOUT_MS = 10_000;
/** A Secret has at most 1 MiB, in base64, besides what the API server notes about it. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** One call on a connection of its own: there is one a minute. Rejects with KubeError where no answer came. */
export function call(
  server: ApiServer,
  { token, ca }: Credentials,
  { method, path, body }: Call,
  timers: Timers,
  signal: AbortSignal,
): Promise<KubeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<KubeAnswer>();
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body.value));
  const request = https.request({
    host: server.host,
    port: server.port,
    path,
    method,
    ca,
    agent: false,
    signal,
    headers: {
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      Authorization: `Bearer ${token}`,
      'User-Agent': 'plumbline-injector',
      ...(body !== undefined && bytes !== undefined && { 'Content-Type': body.type, 'Content-Length': bytes.length }),
    },
  });
  const timer = timers.after(CALL_TIMEOUT_MS, () => request.destroy(new Error(`no answer within ${CALL_TIMEOUT_MS / 1000} s`)));
  const failed = (error: NodeJS.ErrnoException): void => {
    timer.cancel();
    reject(new KubeError(`${method} ${path}: ${error.code ?? error.message}`, undefined));
  };
  request.on('error', failed);
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('error', failed);
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) request.destroy(new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    response.on('end', () => {
      timer.cancel();
      const retryAfter = response.headers['retry-after'] ?? '';
      resolve({
        status: response.statusCode ?? 0,
        body: parsed(Buffer.concat(chunks)),
        retryAfterSeconds: /^\d{1,4}$/.test(retryAfter) ? Number(retryAfter) : undefined,
      });
    });
  });
  request.end(bytes);
  return promise;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // What stands between us and the API server (a proxy, a load balancer) answers in its own words; the status says enough.
    return undefined;
  }
}
