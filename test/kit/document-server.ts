import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of documents as a registry of contracts is one: with entity tags. */
export interface DocumentServer {
  readonly url: string;
  readonly port: number;
  /** By path. */
  readonly files: Map<string, string | Uint8Array>;
  /** Of each request, in order: `GET /a 200`. */
  readonly log: string[];
  readonly requests: IncomingMessage[];
  /** In place of the documents; true: it has answered. */
  answer: (req: IncomingMessage, res: ServerResponse) => boolean;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startDocumentServer(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<DocumentServer> {
  const all = new Map(Object.entries(files));
  const log: string[] = [];
  const requests: IncomingMessage[] = [];
  const http = createServer((req, res) => {
    requests.push(req);
    res.on('finish', () => log.push(`${req.method} ${req.url} ${res.statusCode}`));
    if (server.answer(req, res)) return;
    const file = all.get(req.url ?? '');
    if (file === undefined) return void res.writeHead(404).end();
    const etag = `"${createHash('sha256').update(file).digest('hex')}"`;
    if (req.headers['if-none-match'] === etag) res.writeHead(304, { ETag: etag }).end();
    else res.writeHead(200, { ETag: etag, 'Content-Type': 'application/json' }).end(file);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  const server: DocumentServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    files: all,
    log,
    requests,
    answer: () => false,
    close,
    [Symbol.asyncDispose]: close,
  };
  return server;
}
