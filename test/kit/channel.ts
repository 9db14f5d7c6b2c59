import type { ByteChannel, ByteChannelEvents } from '../../src/core/ports.ts';

/** One side of an upgraded connection; its peer is the test, through `events`. */
export class FakeChannel implements ByteChannel {
  events!: ByteChannelEvents;
  written = '';
  ended = false;
  destroyed = false;
  closed = false;
  paused = false;
  /** What `write` answers. */
  takesMore = true;

  listen(events: ByteChannelEvents): void {
    this.events = events;
  }

  write(chunk: Uint8Array): boolean {
    this.written += Buffer.from(chunk).toString();
    return this.takesMore;
  }

  end(): void {
    this.ended = true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    queueMicrotask(() => this.close('broken'));
  }

  /** The connection is closed; after that nothing is told any more. */
  close(how: 'ended' | 'broken'): void {
    if (this.closed) return;
    this.closed = true;
    this.events?.onClosed(how);
  }
}
