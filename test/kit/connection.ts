import type { Socket } from 'node:net';

/** One TCP connection, read on demand and written as it stands: for both ends, the scripted origin and the raw client. */
export class RawConnection {
  readonly socket: Socket;
  /** Resolves when both directions are closed, however that came about. */
  readonly closed: Promise<void>;
  /** Resolves when the peer has sent all it will send (FIN or RST). */
  readonly peerDone: Promise<void>;
  #peerDone: () => void = () => undefined;
  #buffered: Buffer = Buffer.alloc(0);
  #ended = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    this.peerDone = new Promise((resolve) => {
      this.#peerDone = resolve;
    });
    socket.on('data', (chunk: Buffer) => {
      this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
      this.#wake();
    });
    socket.on('end', () => this.#finish(undefined));
    socket.on('error', (error: Error) => this.#finish(error));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#finish(undefined);
        resolve();
      });
    });
  }

  /** The peer has sent all it will send (FIN or RST). */
  get ended(): boolean {
    return this.#ended;
  }

  /** Set where the connection was reset: the system's code, `ECONNRESET` or `EPIPE`. */
  get errorCode(): string | undefined {
    return (this.#error as NodeJS.ErrnoException | undefined)?.code;
  }

  /** Bytes that have come and were not read yet. */
  get unreadBytes(): number {
    return this.#buffered.length;
  }

  write(data: string | Uint8Array): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** Sends FIN after what was written. */
  end(): void {
    this.socket.end();
  }

  /** Sends RST at once. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Closes without ceremony; nothing happens where it is closed already. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Exactly `bytes` bytes. @throws if the peer ends before that. */
  async read(bytes: number): Promise<Buffer> {
    await this.#until(() => this.#buffered.length >= bytes, `${bytes} bytes`);
    return this.#take(bytes);
  }

  /** All up to and with `marker`. @throws if the peer ends before that. */
  async readUntil(marker: string): Promise<Buffer> {
    const bytes = Buffer.from(marker, 'latin1');
    await this.#until(() => this.#buffered.includes(bytes), JSON.stringify(marker));
    return this.#take(this.#buffered.indexOf(bytes) + bytes.length);
  }

  /** All that comes until the peer ends its side. */
  async readToEnd(): Promise<Buffer> {
    while (!this.#ended) await this.#more();
    return this.#take(this.#buffered.length);
  }

  async #until(enough: () => boolean, wanted: string): Promise<void> {
    while (!enough()) {
      if (this.#ended) {
        const got = this.#buffered.subarray(0, 200).toString('latin1');
        throw new Error(`connection ended${this.errorCode ? ` (${this.errorCode})` : ''} before ${wanted}; got ${JSON.stringify(got)}`);
      }
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(bytes: number): Buffer {
    const taken = this.#buffered.subarray(0, bytes);
    this.#buffered = this.#buffered.subarray(bytes);
    return taken;
  }

  #finish(error: Error | undefined): void {
    this.#error ??= error;
    this.#ended = true;
    this.#peerDone();
    this.#wake();
  }
}
