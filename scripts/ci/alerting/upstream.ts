import { type IncomingMessage, type Server, type ServerResponse, createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../../../examples/billing/provider.ts';

/** What goes wrong at the moment, beside what the provider itself does wrong. */
export interface Trouble {
  /** Shares of all requests, 0 to 1. */
  failing: number;
  slow: number;
  hanging: number;
  /** Answers to this operation have a status of a payment that the contract does not know. */
  oddPayment: boolean;
}

const SLOW_MS = 600;
/** Longer than the deadline of a try, by far: on a busy machine too. */
const HANGING_MS = 8000;

/** In front of the example provider: answers in its place, or late, as it is told. */
export class TroubledUpstream {
  readonly trouble: Trouble = { failing: 0, slow: 0, hanging: 0, oddPayment: false };
  readonly #provider: URL;
  readonly #server: Server;
  #number = 0;

  private constructor(provider: Provider) {
    this.#provider = new URL(provider.url);
    this.#server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => void this.#answer(request, response));
  }

  static async start(provider: Provider): Promise<TroubledUpstream> {
    const upstream = new TroubledUpstream(provider);
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    // By number and not by chance: the share is kept within every hundred.
    const at = ((this.#number++ * 37) % 100) / 100;
    const { failing, slow, hanging, oddPayment } = this.trouble;
    if (at < failing) return fail(request, response);
    if (at < failing + hanging) await sleep(HANGING_MS);
    else if (at < failing + hanging + slow) await sleep(SLOW_MS);
    const { hostname, port } = this.#provider;
    const { method, url = '/', headers } = request;
    const odd = oddPayment && method === 'GET' && url.startsWith('/v1/payments/');
    const asked = ask({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      if (!odd) {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
        return;
      }
      answer.setEncoding('utf8');
      let text = '';
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => {
        const body = text.replace(/"status":"[a-z]+"/, '"status":"pending_review"');
        response.writeHead(answer.statusCode ?? 502, {
          'Content-Type': answer.headers['content-type'],
          'Content-Length': Buffer.byteLength(body),
        });
        response.end(body);
      });
    });
    asked.on('error', () => response.destroy());
    request.pipe(asked);
  }
}

/** As the contract says that the service fails. */
function fail(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const body = JSON.stringify({
    type: 'https://billing.example.com/errors/unavailable',
    title: 'Unavailable',
    status: 503,
    code: 'UNAVAILABLE',
    detail: 'The service is being maintained.',
    request_id: String(request.headers['x-request-id'] ?? 'none'),
    retryable: true,
  });
  response.writeHead(503, { 'Content-Type': 'application/problem+json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
