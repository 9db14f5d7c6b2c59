import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A span as it came, its attributes as an object. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags: number;
  readonly name: string;
  /** 2: SERVER, 3: CLIENT. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: ReadonlyArray<{ readonly name: string; readonly attributes: Readonly<Record<string, string | number>> }>;
  readonly status: { readonly code?: number };
}

/** An OTLP/HTTP receiver on a free port of 127.0.0.1. */
export interface TestCollector {
  /** What `telemetry.traces.otlp` takes. */
  readonly url: string;
  /** In the order in which they came. */
  readonly spans: readonly CollectedSpan[];
  /** Attributes of the resource, of each POST. */
  readonly resources: ReadonlyArray<Readonly<Record<string, string | number>>>;
  readonly paths: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

const record = (attributes: readonly Attribute[] = []): Record<string, string | number> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

const taken = (response: ServerResponse): void => void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');

/** `answer` is called when a POST is wholly here, and was kept. */
export async function startCollector(answer: (response: ServerResponse, count: number) => void = taken): Promise<TestCollector> {
  const spans: CollectedSpan[] = [];
  const resources: Array<Record<string, string | number>> = [];
  const paths: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      paths.push(request.url ?? '');
      for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
        resources.push(record(resource.attributes));
        for (const span of scopeSpans[0].spans) {
          const events = (span.events ?? []).map((event: { name: string; attributes: Attribute[] }) => ({
            name: event.name,
            attributes: record(event.attributes),
          }));
          spans.push({ ...span, attributes: record(span.attributes), events });
        }
      }
      answer(response, paths.length);
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resources,
    paths,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
