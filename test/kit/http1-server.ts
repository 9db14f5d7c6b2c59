/** A server with a script in the pipeline's place, over real sockets. */
import type { RequestHead } from '../../src/core/exchange.ts';
import type { Downstream, DownstreamEvents } from '../../src/core/ports.ts';
import { CODES, type Rejection } from '../../src/core/rejection.ts';
import { RecordingMeter } from './meter.ts';
import { until } from './until.ts';
import { listenerMetrics } from '../../src/adapters/http1/server/metrics.ts';
import type { Http1Options, ServerHooks } from '../../src/adapters/http1/server/options.ts';
import { Http1Server } from '../../src/adapters/http1/server/server.ts';

/** One request as the server told of it, and what it told since. */
export class Taken implements DownstreamEvents {
  readonly head: RequestHead;
  readonly down: Downstream;
  readonly address: string;
  readonly refusal: Rejection | undefined;
  readonly chunks: Uint8Array[] = [];
  /** `end`, `drain`, `flushed`, `malformed`, `gone`, in order. */
  readonly told: string[] = [];
  /** Called on every event; set by a script. */
  onEvent: (name: string) => void = () => undefined;
  onChunk: (chunk: Uint8Array) => void = () => undefined;

  constructor(head: RequestHead, down: Downstream, address: string, refusal: Rejection | undefined) {
    this.head = head;
    this.down = down;
    this.address = address;
    this.refusal = refusal;
    down.listen(this);
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }

  onBodyData(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.onChunk(chunk);
  }
  onBodyEnd(): void {
    this.#tell('end');
  }
  onDrain(): void {
    this.#tell('drain');
  }
  onFlushed(): void {
    this.#tell('flushed');
  }
  onMalformed(r: Rejection): void {
    this.#tell(`malformed ${r.code}`);
  }
  onGone(): void {
    this.#tell('gone');
  }

  #tell(name: string): void {
    this.told.push(name);
    this.onEvent(name);
  }

  /** Waits for an event that was told or will be. */
  async heard(name: string): Promise<void> {
    await until(() => this.told.includes(name), `${name} of ${this.head.method} ${this.head.target} (told: ${this.told.join()})`);
  }

  /** Reads the body and calls `then` when it is here. */
  collect(then: (body: Buffer) => void): void {
    if (!this.down.hasBody) return then(Buffer.alloc(0));
    const before = this.onEvent;
    this.onEvent = (name) => {
      before(name);
      if (name === 'end') then(this.body);
    };
    if (this.down.expectsContinue) this.down.writeContinue();
    this.down.readBody();
  }

  /** Answers with a length. */
  answer(status: number, text: string): void {
    const body = Buffer.from(text, 'latin1');
    this.down.answer(status, ['Content-Length', String(body.length)], body);
  }
}

/** Refuses as the pipeline would, in short; else answers with what was asked: method, target, body. */
export function echo(taken: Taken): void {
  const { refusal, head } = taken;
  if (refusal !== undefined) return taken.answer(CODES[refusal.code].status, refusal.code);
  taken.onEvent = (name) => {
    if (name.startsWith('malformed')) taken.answer(400, name);
  };
  taken.collect((body) => taken.answer(200, `${head.method} ${head.target} ${body.toString('latin1')}`));
}

export interface Served {
  readonly port: number;
  readonly server: Http1Server;
  readonly taken: readonly Taken[];
  readonly meter: RecordingMeter;
  readonly options: Http1Options;
  /** Waits for the request of this place, from 0. */
  request(index: number): Promise<Taken>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ServedOptions extends Partial<Http1Options> {
  readonly splitTarget?: ServerHooks['splitTarget'];
}

export async function serve(script: (taken: Taken) => void = echo, given: ServedOptions = {}): Promise<Served> {
  const { splitTarget = (target) => ({ target, path: target, query: '' }), ...limits } = given;
  const options: Http1Options = {
    host: '127.0.0.1',
    port: 0,
    keepAliveMs: 75_000,
    headerTimeoutMs: 10_000,
    maxHeaderBytes: 16_384,
    maxUrlBytes: 8192,
    maxConnections: 1000,
    underscores: 'reject',
    ownFields: [],
    ...limits,
  };
  const taken: Taken[] = [];
  const meter = new RecordingMeter();
  const server = new Http1Server(options, {
    take(head, down, address, refusal) {
      const request = new Taken(head, down, address, refusal);
      taken.push(request);
      script(request);
    },
    splitTarget,
    connections: meter.gauge(listenerMetrics.connections).with('main'),
    connectionsRefused: meter.counter(listenerMetrics.connectionsRefused).with('main'),
    trailersDropped: meter.counter(listenerMetrics.trailersDropped).with('main'),
  });
  const { port } = await server.listen();
  return {
    port,
    server,
    taken,
    meter,
    options,
    request: (index) => until(() => taken[index], `request ${index}`),
    async [Symbol.asyncDispose]() {
      server.cut();
      await server.drain();
    },
  };
}
