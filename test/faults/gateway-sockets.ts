import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** The gateway's end may be gone, or have given up reading; then nobody waits for it longer than this. */
const PATIENCE_MS = 250;
const TURNS = 4;

/**
 * All sockets of this process. Both ends of every connection of a case are among them, the gateway's too: so that "the gateway has read
 * these bytes" can be seen and need not be guessed with a pause.
 */
export class GatewaySockets {
  readonly #byPorts = new Map<string, Socket>();
  readonly #connecting = new Set<Socket>();
  /** Connections that were made and not accepted yet: the event loop accepts one of them in a turn. */
  #unaccepted = 0;

  readonly #onAccept = (message: unknown): void => {
    this.#unaccepted -= 1;
    this.#add((message as { readonly socket: Socket }).socket);
  };

  readonly #onClient = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    this.#connecting.add(socket);
    socket.once('connect', () => {
      this.#unaccepted += 1;
      this.#add(socket);
    });
    for (const over of ['connect', 'close']) socket.once(over, () => this.#connecting.delete(socket));
  };

  constructor() {
    subscribe('net.server.socket', this.#onAccept);
    subscribe('net.client.socket', this.#onClient);
  }

  [Symbol.dispose](): void {
    unsubscribe('net.server.socket', this.#onAccept);
    unsubscribe('net.client.socket', this.#onClient);
  }

  /**
   * Waits until the other end of `socket` has read `bytes` in all, or is gone. An end that cannot be seen (the server takes the handle of its
   * connections away from their sockets) has read when its connection is accepted and the event loop has turned.
   */
  async haveRead(socket: Socket, bytes: number): Promise<void> {
    const other = this.#byPorts.get(`${socket.remotePort} ${socket.localPort}`);
    if (other === undefined) return this.settled();
    const until = performance.now() + PATIENCE_MS;
    while (!other.destroyed && other.bytesRead < bytes && performance.now() < until) await delay(1);
  }

  /** Waits until nothing is on its way any more: no connection that is still being made, and no byte that was sent and not read. */
  async settled(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while ((this.#connecting.size > 0 || this.#unaccepted > 0) && performance.now() < until) await turn();
    for (let i = 0; i < TURNS; i++) await turn();
    await delay(1); // a busy system delivers a little later
    for (let i = 0; i < TURNS; i++) await turn();
  }

  #add(socket: Socket): void {
    if (socket.localPort === undefined) return;
    const ports = `${socket.localPort} ${socket.remotePort}`;
    this.#byPorts.set(ports, socket);
    socket.once('close', () => {
      if (this.#byPorts.get(ports) === socket) this.#byPorts.delete(ports);
    });
  }
}
