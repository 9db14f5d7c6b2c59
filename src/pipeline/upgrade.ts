import { type RawHeaders, headerValues } from '../core/headers.ts';
import type { ByteChannel, Downstream, Timers } from '../core/ports.ts';
import type { End } from '../core/stage.ts';
import { Tunnel } from './tunnel.ts';
import type { UpgradeLimit } from './upgrade-limit.ts';

/** What an exchange that asks for another protocol needs beside the others (semantics EV-8): its place, and later its tunnel. */
export class Upgrade {
  readonly #limit: UpgradeLimit;
  /** The upstream's connection, once it has changed protocols; until the client's has too. */
  #channel: ByteChannel | undefined = undefined;
  #tunnel: Tunnel | undefined = undefined;
  /** The tunnel is closed on both sides. */
  over = false;

  constructor(limit: UpgradeLimit) {
    this.#limit = limit;
  }

  /** The upstream has changed protocols. */
  granted(channel: ByteChannel): void {
    this.#channel = channel;
  }

  get isGranted(): boolean {
    return this.#channel !== undefined;
  }

  get isJoined(): boolean {
    return this.#tunnel !== undefined;
  }

  get receivedBytes(): number {
    return this.#tunnel?.receivedBytes ?? 0;
  }

  get sentBytes(): number {
    return this.#tunnel?.sentBytes ?? 0;
  }

  /** Changes the client's connection too and joins both. `headers`: the answer's without those of the connection. */
  join(received: RawHeaders, headers: string[], down: Downstream, timers: Timers, ended: (end: End) => void): void {
    for (const value of headerValues(received, 'upgrade')) headers.push('Upgrade', value);
    const channel = this.#channel as ByteChannel;
    this.#channel = undefined;
    this.#tunnel = new Tunnel(down.upgrade(headers), channel, timers, (end) => {
      this.over = true;
      ended(end);
    });
  }

  /** Nobody wants the upstream's connection any more. */
  drop(): void {
    this.#channel?.destroy();
    this.#channel = undefined;
  }

  cut(): void {
    this.#tunnel?.cut();
  }

  release(): void {
    this.#limit.release();
  }
}
