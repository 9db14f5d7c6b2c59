import type { ListenerSettings } from '../config/settings.ts';
import { isWildcard } from '../config/values.ts';
import { EVERY_ADDRESS } from '../core/listen.ts';
import { ListenError } from '../core/listen-error.ts';
import type { Meter, Timers } from '../core/ports.ts';
import { type Rejection, rejection } from '../core/rejection.ts';
import { Listener } from './listener.ts';
import type { LiveGeneration } from './live-generation.ts';

/** Ports for a generation that is not in force yet. */
export interface Prepared {
  readonly kept: ReadonlyMap<Listener, ListenerSettings>;
  readonly opened: readonly Listener[];
}

/** Every open port: those of the configuration in force, and those that are being closed. */
export class Listeners {
  readonly #timers: Timers;
  readonly #meter: Meter;
  #inForce: readonly Listener[] = [];
  readonly #ending = new Set<Listener>();
  #retiring = false;

  constructor(timers: Timers, meter: Meter) {
    this.#timers = timers;
    this.#meter = meter;
  }

  /** In the order of the configuration. */
  get inForce(): ReadonlyArray<{ readonly name: string; readonly url: string }> {
    return this.#inForce;
  }

  /** Exchanges that have begun and not ended, on every port. */
  get inFlight(): number {
    let sum = 0;
    for (const listener of this.#inForce) sum += listener.inFlight;
    for (const listener of this.#ending) {
      if (!this.#inForce.includes(listener)) sum += listener.inFlight; // at the end of the process a listener is both
    }
    return sum;
  }

  /**
   * Opens what is not open yet; touches nothing that is. Rejects with ListenError, and then nothing is left of it: all ports or none.
   * A listener is known by its address, so that one that is only renamed stays open; port 0 has no address, there the name counts.
   */
  async prepare(settings: readonly ListenerSettings[], live: LiveGeneration, graceMs: number): Promise<Prepared> {
    const open = new Map(this.#inForce.map((listener) => [addressOf(listener.settings), listener]));
    const kept = new Map<Listener, ListenerSettings>();
    const opened: Listener[] = [];
    for (const one of settings) {
      const known = open.get(addressOf(one));
      if (known !== undefined) {
        kept.set(known, one);
        continue;
      }
      const listener = new Listener(one, live, this.#meter);
      try {
        await listener.open();
      } catch (error) {
        this.abandon({ kept, opened }, graceMs);
        throw explained(error, one, this.#inForce);
      }
      opened.push(listener);
    }
    return { kept, opened };
  }

  /** The generation is in force: at once, between two requests. Listeners that it does not have are ended within the grace. */
  take({ kept, opened }: Prepared, settings: readonly ListenerSettings[], live: LiveGeneration, graceMs: number): void {
    const byAddress = new Map<string, Listener>();
    for (const [listener, one] of kept) {
      listener.take(one, live);
      byAddress.set(addressOf(one), listener);
    }
    for (const listener of opened) byAddress.set(addressOf(listener.settings), listener);
    const gone = this.#inForce.filter((listener) => !kept.has(listener));
    this.#inForce = settings.map((one) => byAddress.get(addressOf(one)) as Listener);
    if (this.#retiring) this.retire();
    for (const listener of gone) void this.#end(listener, graceMs, CLOSED);
  }

  /** Closes what was opened for a generation that does not come into force. */
  abandon({ opened }: Prepared, graceMs: number): void {
    for (const listener of opened) void this.#end(listener, graceMs, CLOSED);
  }

  /**
   * The service that stands behind is about to end: who calls it is let go of with the answer, and finds another. What the service itself calls (egress) goes
   * on as it was: it would only make more connections.
   */
  retire(): void {
    this.#retiring = true;
    for (const listener of this.#inForce) if (listener.settings.direction === 'ingress') listener.retire();
  }

  /** Closes all. Resolves when that is done, with the number of exchanges that the grace was too short for; undefined: for none. */
  async drain(graceMs: number): Promise<number | undefined> {
    const cut = await Promise.all([...this.#inForce, ...this.#ending].map((listener) => this.#end(listener, graceMs, SHUTTING_DOWN)));
    const late = cut.filter((count) => count !== undefined);
    return late.length === 0 ? undefined : late.reduce((sum, count) => sum + count, 0);
  }

  /** Breaks every connection. */
  cut(): void {
    for (const listener of [...this.#inForce, ...this.#ending]) listener.cut();
  }

  async #end(listener: Listener, graceMs: number, why: Rejection): Promise<number | undefined> {
    this.#ending.add(listener);
    const cut = await listener.end(graceMs, this.#timers, why);
    this.#ending.delete(listener);
    return cut;
  }
}

/** Naming the address that was the default changes nothing. */
function addressOf({ name, host = EVERY_ADDRESS, port }: ListenerSettings): string {
  return port === 0 ? `${host} ${name}` : `${host} ${port}`;
}

const RETRY_AFTER = { headers: ['Retry-After', '1'] };
const SHUTTING_DOWN = rejection('OVERLOADED', 'the gateway is shutting down', RETRY_AFTER);
const CLOSED = rejection('OVERLOADED', 'the listener is being closed', RETRY_AFTER);

type Open = Pick<Listener, 'settings' | 'url'>;

/** A wildcard and an address cannot share a port: then it is this gateway itself that holds it, and waiting does not help. */
export function explained(error: unknown, wanted: ListenerSettings, inForce: readonly Open[]): unknown {
  if (!(error instanceof ListenError) || error.code !== 'EADDRINUSE') return error;
  const own = inForce.find(({ settings }) => settings.port === wanted.port && (isWildcard(wanted.host) || isWildcard(settings.host)));
  if (own === undefined) return error;
  return new ListenError(`listener ${wanted.name}`, wanted, error.code, ` by this gateway's own ${own.url}: that needs a restart`);
}
