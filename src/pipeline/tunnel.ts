import type { ByteChannel, ByteChannelEvents } from '../core/ports.ts';
import type { End } from '../core/stage.ts';

/** One direction of a tunnel: what is read on one side is written on the other, no faster than that one takes it. */
class Flow implements ByteChannelEvents {
  readonly #from: ByteChannel;
  readonly #to: ByteChannel;
  readonly #over: (how: 'ended' | 'broken') => void;
  bytes = 0;
  /** The flow the other way; what its writer can take again lets this one's peer read on. */
  opposite: Flow | undefined = undefined;

  constructor(from: ByteChannel, to: ByteChannel, over: (how: 'ended' | 'broken') => void) {
    this.#from = from;
    this.#to = to;
    this.#over = over;
  }

  onData(chunk: Uint8Array): void {
    this.bytes += chunk.byteLength;
    if (!this.#to.write(chunk)) this.#from.pause();
  }

  /** A FIN is passed on; the other half goes on. */
  onEnd(): void {
    this.#to.end();
  }

  /** `from` can be written to again, which is what the opposite flow waits for. */
  onDrain(): void {
    this.opposite?.resume();
  }

  resume(): void {
    this.#from.resume();
  }

  onClosed(how: 'ended' | 'broken'): void {
    this.#over(how);
  }
}

/**
 * An exchange that changed protocols (semantics EV-8): bytes both ways until both sides have ended, or one breaks, which breaks the other.
 * No idle limit: a WebSocket may be silent for hours (DL-2).
 */
export class Tunnel {
  readonly #client: ByteChannel;
  readonly #upstream: ByteChannel;
  readonly #up: Flow;
  readonly #down: Flow;
  readonly #ended: (end: End) => void;
  #open = 2;
  #end: End = 'complete';

  /** `ended` is called once, when both connections are closed. */
  constructor(client: ByteChannel, upstream: ByteChannel, ended: (end: End) => void) {
    this.#client = client;
    this.#upstream = upstream;
    this.#ended = ended;
    this.#up = new Flow(client, upstream, (how) => this.#closed(how, 'client-closed'));
    this.#down = new Flow(upstream, client, (how) => this.#closed(how, 'upstream-broken'));
    this.#up.opposite = this.#down;
    this.#down.opposite = this.#up;
    client.listen(this.#up);
    upstream.listen(this.#down);
  }

  /** Bytes that the client sent since the protocol was changed. */
  get receivedBytes(): number {
    return this.#up.bytes;
  }

  get sentBytes(): number {
    return this.#down.bytes;
  }

  /** Breaks both sides. */
  cut(): void {
    if (this.#open > 0 && this.#end === 'complete') this.#end = 'cut';
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #closed(how: 'ended' | 'broken', whose: End): void {
    if (how === 'broken') {
      if (this.#end === 'complete') this.#end = whose;
      this.#client.destroy();
      this.#upstream.destroy();
    }
    this.#open -= 1;
    if (this.#open === 0) this.#ended(this.#end);
  }
}
