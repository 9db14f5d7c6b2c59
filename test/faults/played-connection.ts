import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** One end of a TCP connection of which everything that ever came is kept, so that no byte is overlooked. */
export class PlayedConnection {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #error: NodeJS.ErrnoException | undefined = undefined;
  #waiting: Array<() => void> = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('end', () => this.#end());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error ??= error;
      this.#end();
    });
    socket.on('close', () => this.#end());
  }

  /** Connects to 127.0.0.1:`port`. */
  static async to(port: number): Promise<PlayedConnection> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new PlayedConnection(socket);
  }

  get received(): Buffer {
    return this.#received;
  }

  /** The peer sends no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It ended with a reset, not with a FIN. */
  get wasReset(): boolean {
    return this.#error !== undefined;
  }

  /** Waits until `holds`, asked after each piece and at the end; false: not within `ms`. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    if (holds()) return true;
    const late = new AbortController();
    const timeout = delay(ms, 'late', { signal: late.signal }).catch(() => 'late');
    try {
      for (;;) {
        const woken = new Promise<void>((resolve) => this.#waiting.push(resolve));
        if ((await Promise.race([woken, timeout])) === 'late') return holds();
        if (holds()) return true;
        if (this.#ended) return holds();
      }
    } finally {
      late.abort();
    }
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.socket.writable) this.socket.write(bytes);
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
