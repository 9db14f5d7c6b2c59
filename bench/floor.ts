/**
 * The floor: `node bench/floor.ts PORT UPSTREAM`. A `node:http` server that hands each request to undici's `Pool.dispatch` and the answer
 * back, and nothing else: no identifiers, no limits, no contract, no counting, no log. What every proxy of this kind has to pay.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

const [port, upstream = ''] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 256, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

const HOP_BY_HOP = /^(?:connection|keep-alive|transfer-encoding|te|trailer|upgrade|proxy-connection)$/i;

function kept(raw: readonly (string | Buffer)[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = String(raw[i]);
    if (!HOP_BY_HOP.test(name)) out.push(name, String(raw[i + 1]));
  }
  return out;
}

class Answering implements Dispatcher.DispatchHandler {
  readonly #res: ServerResponse;
  #chunks: Buffer[] | undefined = undefined;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  onRequestStart(): void {}

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    const length = Number(headers['content-length'] ?? -1);
    // As in the gateway: a small answer of known length leaves in one piece.
    if (length >= 0 && length <= 65_536) this.#chunks = [];
    this.#res.writeHead(statusCode, kept((controller.rawHeaders ?? []) as Buffer[]));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#chunks !== undefined) this.#chunks.push(chunk);
    else if (!this.#res.write(chunk)) {
      controller.pause();
      this.#res.once('drain', () => controller.resume());
    }
  }

  onResponseEnd(): void {
    const chunks = this.#chunks;
    if (chunks === undefined || chunks.length === 0) this.#res.end();
    else this.#res.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  }

  onResponseError(): void {
    this.#res.destroy();
  }
}

function proxy(req: IncomingMessage, res: ServerResponse): void {
  res.sendDate = false;
  const length = Number(req.headers['content-length'] ?? 0);
  if (length === 0) {
    send(req, res, null);
    return;
  }
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => send(req, res, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
}

function send(req: IncomingMessage, res: ServerResponse, body: Buffer | null): void {
  const method = (req.method ?? 'GET') as Dispatcher.HttpMethod;
  pool.dispatch({ method, path: req.url ?? '/', headers: kept(req.rawHeaders), body }, new Answering(res));
}

createServer({ requestTimeout: 0 }, proxy).listen(Number(port), '127.0.0.1', 1024);
