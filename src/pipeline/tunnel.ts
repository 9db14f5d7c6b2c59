import type { ByteChannel, ByteChannelEvents, Timer, Timers } from '../core/ports.ts';
import type { End } from '../core/stage.ts';

/** One side has ended: so long the other may say nothing before it is taken to have forgotten (a client that was killed leaves just a FIN behind). */
const HALF_CLOSED_MS = 60_000;

/** One direction of a tunnel: what is read on one side is written on the other, no faster than that one takes it. */
class Flow implements ByteChannelEvents {
  readonly #from: ByteChannel;
  readonly #to: ByteChannel;
  readonly #tunnel: FlowHost;
  readonly #whose: End;
  bytes = 0;
  /** The flow the other way; what its writer can take again lets this one's peer read on. */
  opposite: Flow | undefined = undefined;

  constructor(from: ByteChannel, to: ByteChannel, tunnel: FlowHost, whose: End) {
    this.#from = from;
    this.#to = to;
    this.#tunnel = tunnel;
    this.#whose = whose;
  }

  onData(chunk: Uint8Array): void {
    this.bytes += chunk.byteLength;
    if (!this.#to.write(chunk)) this.#from.pause();
  }

  /** A FIN is passed on; the other half goes on. */
  onEnd(): void {
    this.#to.end();
    this.#tunnel.halfClosed();
  }

  /** `from` can be written to again, which is what the opposite flow waits for. */
  onDrain(): void {
    this.opposite?.resume();
  }

  resume(): void {
    this.#from.resume();
  }

  onClosed(how: 'ended' | 'broken'): void {
    this.#tunnel.closed(how, this.#whose);
  }
}

/** What its flows tell a tunnel. */
interface FlowHost {
  /** One side sends no more. */
  halfClosed(): void;
  /** `whose` fault it is, where it broke. */
  closed(how: 'ended' | 'broken', whose: End): void;
}

/**
 * An exchange that changed protocols (semantics EV-8): bytes both ways until both sides have ended, or one breaks, which breaks the other.
 * No idle limit while both sides are open: a WebSocket may be silent for hours (DL-2).
 */
export class Tunnel implements FlowHost {
  readonly #client: ByteChannel;
  readonly #upstream: ByteChannel;
  readonly #up: Flow;
  readonly #down: Flow;
  readonly #timers: Timers;
  readonly #ended: (end: End) => void;
  #waiting: Timer | undefined = undefined;
  #open = 2;
  #end: End = 'complete';

  /** `ended` is called once, when both connections are closed. */
  constructor(client: ByteChannel, upstream: ByteChannel, timers: Timers, ended: (end: End) => void) {
    this.#client = client;
    this.#upstream = upstream;
    this.#timers = timers;
    this.#ended = ended;
    this.#up = new Flow(client, upstream, this, 'client-closed');
    this.#down = new Flow(upstream, client, this, 'upstream-broken');
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

  halfClosed(): void {
    this.#waiting ??= this.#lookAfter(this.#up.bytes + this.#down.bytes);
  }

  #lookAfter(bytes: number): Timer {
    return this.#timers.after(HALF_CLOSED_MS, () => {
      const now = this.#up.bytes + this.#down.bytes;
      if (now === bytes) this.cut();
      else this.#waiting = this.#lookAfter(now);
    });
  }

  closed(how: 'ended' | 'broken', whose: End): void {
    if (how === 'broken') {
      if (this.#end === 'complete') this.#end = whose;
      this.#client.destroy();
      this.#upstream.destroy();
    }
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#waiting?.cancel();
    this.#ended(this.#end);
  }
}
