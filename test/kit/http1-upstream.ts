/** A pool of connections to an origin of a test, requests at it, and all that their sinks are told. */
import { Http1Upstream, type Http1UpstreamOptions } from '../../src/adapters/http1/client/pool.ts';
import { Attempt } from '../../src/core/exchange.ts';
import type { RawHeaders } from '../../src/core/headers.ts';
import type { BodySink, BodySource, ByteChannel, UpstreamCall, UpstreamRequest, UpstreamSink } from '../../src/core/ports.ts';
import type { Rejection } from '../../src/core/rejection.ts';
import type { Answer } from '../../src/core/stage.ts';
import { FakeClock } from './clock.ts';
import type { RawConnection } from './connection.ts';
import { readRequest } from './message.ts';
import { type RawOrigin, startRawOrigin } from './origin.ts';

/** Time stands still unless the test moves it. The pool is destroyed when the test is over. */
export function poolTo(port: number, options: Partial<Http1UpstreamOptions> = {}, clock = new FakeClock()) {
  const pool = new Http1Upstream(
    { origin: `http://127.0.0.1:${port}`, connections: 8, connectMs: 1000, idleMs: 4000, ...options },
    { monotonicMs: () => clock.monotonicMs(), timers: clock },
  );
  return { pool, clock, [Symbol.asyncDispose]: () => pool.destroy() };
}

export class Asked implements UpstreamSink {
  readonly t = new Attempt(1, 0);
  /** In order: `info 103`, `head 200`, `data`, `end`, the code of a rejection, `upgrade`. */
  readonly told: string[] = [];
  readonly infos: RawHeaders[] = [];
  answer: Answer | undefined = undefined;
  readonly chunks: Uint8Array[] = [];
  trailers: RawHeaders | undefined = undefined;
  broken: Rejection | undefined = undefined;
  channel: ByteChannel | undefined = undefined;
  call: UpstreamCall | undefined = undefined;
  #over: () => void = () => undefined;
  /** Answered, broken or upgraded. */
  readonly over = new Promise<void>((resolve) => {
    this.#over = resolve;
  });
  /** Called after each event, with its name. */
  on: (event: string) => void = () => undefined;

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  onInfo(status: number, headers: RawHeaders): void {
    this.infos.push(headers);
    this.#tell(`info ${status}`);
  }
  onHead(answer: Answer): void {
    this.answer = answer;
    this.#tell(`head ${answer.status}`);
  }
  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.#tell('data');
  }
  onEnd(trailers: RawHeaders): void {
    this.trailers = trailers;
    this.#tell('end');
    this.#over();
  }
  onBroken(r: Rejection): void {
    this.broken = r;
    this.#tell(r.code);
    this.#over();
  }
  onUpgrade(answer: Answer, channel: ByteChannel): void {
    this.answer = answer;
    this.channel = channel;
    this.#tell('upgrade');
    this.#over();
  }

  #tell(event: string): void {
    if (this.call === undefined) throw new Error(`${event} before send had returned`);
    this.told.push(event);
    this.on(event);
  }
}

/** Sends it; `GET /` with a Host where the test says nothing else. */
export function ask(pool: Http1Upstream, request: Partial<UpstreamRequest> = {}): Asked {
  const asked = new Asked();
  asked.call = pool.send(
    { method: 'GET', target: '/', headers: ['Host', 'x'], body: undefined, upgrade: undefined, ...request },
    asked.t,
    asked,
  );
  return asked;
}

/** A body that a test pushes. `length`: what it announces. */
export class Pushed implements BodySource {
  readonly length: number | undefined;
  /** What is there when it is started. */
  #first: readonly string[];
  sink: BodySink | undefined = undefined;
  resumed = 0;

  constructor(length?: number, first: readonly string[] = []) {
    this.length = length;
    this.#first = first;
  }

  start(sink: BodySink): void {
    this.sink = sink;
    for (const chunk of this.#first) this.push(chunk);
    this.#first = [];
  }
  resume(): void {
    this.resumed += 1;
  }
  push(chunk: string | Uint8Array): boolean {
    return (this.sink as BodySink).write(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
  }
  end(): void {
    this.sink?.end();
  }
}

/** A whole answer with a length. `fields`: further ones, each with its CR LF. */
export const answerOf = (body: string, fields = ''): string => `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;

/** Answers every request with the number of its connection; `then` is done after each. */
export function countingOrigin(fields = '', then: (c: RawConnection) => void = () => undefined): Promise<RawOrigin> {
  return startRawOrigin(async (c, index) => {
    for (;;) {
      await readRequest(c);
      c.write(answerOf(String(index), fields));
      then(c);
    }
  });
}

/** Answers only when the test does: `asked` are the connections of the requests, in their order. */
export async function patientOrigin(): Promise<RawOrigin & { readonly asked: readonly RawConnection[] }> {
  const asked: RawConnection[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      asked.push(c);
    }
  });
  return { ...origin, asked };
}
