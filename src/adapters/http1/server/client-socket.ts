import { Socket, type SocketConstructorOpts } from 'node:net';
import { plainAddress } from '../../../core/address.ts';

/** Every connection reads into this one: what comes is looked at, or copied, before anything else is read. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

/** The system's side of a socket, which `node:net` keeps to itself; what of it is used may be missing in a Node to come. */
type Handle = NonNullable<SocketConstructorOpts['handle']> & {
  /** 0, or the system's error. */
  getpeername?(out: object): number;
};

/**
 * The socket of an accepted connection, reading into a buffer that all share: a third off the cost of a small request, and an idle connection holds
 * no memory for reading. `node:net` offers that (`onread`) for sockets that connect; accepted ones get it by a socket made anew over the handle of
 * the first. Where there is no handle it reads as every socket does.
 */
export class ClientSocket {
  readonly raw: Socket;
  /** IPv4 as IPv4, also on a socket for both; empty where the client has already gone. */
  readonly address: string;
  /** It is not read: whether the client is still there must be asked. */
  stopped = false;
  readonly #handle: Handle | undefined;
  #ended = false;

  /** @param accepted half-open, paused from the beginning. @param onBytes gets a view that is good until it returns. */
  constructor(accepted: Socket, onBytes: (view: Buffer) => void) {
    this.address = plainAddress(accepted.remoteAddress ?? '');
    const shell = accepted as unknown as { _handle: Handle | null | undefined };
    const handle = shell._handle ?? undefined;
    this.#handle = handle;
    if (handle === undefined) {
      this.raw = accepted;
      accepted.on('data', onBytes);
      accepted.resume();
      return;
    }
    shell._handle = null;
    accepted.destroy(); // nothing but the shell: for the server's own count of sockets
    const callback = (bytes: number): true => {
      onBytes(SHARED.subarray(0, bytes));
      return true;
    };
    this.raw = new Socket({ handle, allowHalfOpen: true, onread: { buffer: SHARED, callback } });
  }

  /** Reads on, or reads no more for the time being. */
  flow(how: 'go' | 'stop'): void {
    const stop = how === 'stop';
    if (stop === this.stopped) return;
    this.stopped = stop;
    if (stop) this.raw.pause();
    else this.raw.resume();
  }

  /** True the first time: a FIN goes out behind what was written. */
  end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.raw.end();
    return true;
  }

  /**
   * Lets a client go that has reset its connection, for when nobody reads, and so hears of it: such a connection has no peer any more.
   * A FIN can't be seen so.
   */
  destroyIfReset(): void {
    const handle = this.#handle;
    if (handle?.getpeername !== undefined && handle.getpeername({}) !== 0) this.raw.destroy();
  }
}
