import type { ByteChannel, Downstream, DownstreamEvents } from '../../src/core/ports.ts';
import type { RawHeaders } from '../../src/core/headers.ts';
import { FakeChannel } from './channel.ts';

export interface DownstreamOptions {
  /** Undefined: no body. `chunked`: a body of unknown length. */
  readonly body?: number | 'chunked' | undefined;
  readonly expectsContinue?: boolean;
  /** Told of every head as `head <status>`. */
  readonly journal?: string[];
}

/** A client that keeps what it is sent. Its flow is the test's: bytes are pushed through `events`. */
export class FakeDownstream implements Downstream {
  readonly hasBody: boolean;
  readonly bodyLength: number | undefined;
  readonly expectsContinue: boolean;
  events!: DownstreamEvents;
  status = 0;
  headers: readonly string[] = [];
  body = '';
  /** Every call that was made, in order: `head`, `write`, `answer`, `end`, `abort`, `100`, `read`, `pause`. */
  readonly calls: string[] = [];
  readonly infos: Array<{ readonly status: number; readonly headers: RawHeaders }> = [];
  trailers: RawHeaders | undefined = undefined;
  ended = false;
  aborted = false;
  reading = false;
  /** What `write` answers. */
  takesMore = true;
  readonly #journal: string[];

  constructor({ body, expectsContinue = false, journal = [] }: DownstreamOptions = {}) {
    this.hasBody = body !== undefined;
    this.bodyLength = body === 'chunked' ? undefined : body;
    this.expectsContinue = expectsContinue;
    this.#journal = journal;
  }

  listen(events: DownstreamEvents): void {
    this.events = events;
  }

  readBody(): void {
    this.calls.push('read');
    this.reading = true;
  }

  pauseBody(): void {
    this.calls.push('pause');
    this.reading = false;
  }

  writeContinue(): void {
    this.calls.push('100');
  }

  writeInfo(status: number, headers: RawHeaders): void {
    this.infos.push({ status, headers });
  }

  writeHead(status: number, headers: readonly string[]): void {
    this.calls.push('head');
    this.#head(status, headers);
  }

  write(chunk: Uint8Array): boolean {
    this.calls.push('write');
    this.body += Buffer.from(chunk).toString();
    return this.takesMore;
  }

  answer(status: number, headers: readonly string[], body: Uint8Array): void {
    this.calls.push('answer');
    this.#head(status, headers);
    this.body += Buffer.from(body).toString();
    this.#ended();
  }

  end(trailers?: RawHeaders): void {
    this.calls.push('end');
    this.trailers = trailers;
    this.#ended();
  }

  /** The client's side of the connection after `upgrade`. */
  readonly channel = new FakeChannel();

  upgrade(headers: readonly string[]): ByteChannel {
    this.calls.push('upgrade');
    this.#head(101, headers);
    return this.channel;
  }

  abort(): void {
    this.calls.push('abort');
    this.aborted = true;
    queueMicrotask(() => this.events?.onGone());
  }

  #head(status: number, headers: readonly string[]): void {
    this.#journal.push(`head ${status}`);
    this.status = status;
    this.headers = headers;
  }

  #ended(): void {
    this.ended = true;
    queueMicrotask(() => this.events?.onFlushed());
  }
}
