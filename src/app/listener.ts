import { listenerMetrics } from '../adapters/http1/server/metrics.ts';
import { Http1Server } from '../adapters/http1/server/server.ts';
import type { ListenerSettings } from '../config/settings.ts';
import { hostAndPort } from '../core/address.ts';
import type { Exchange } from '../core/exchange.ts';
import { ListenError } from '../core/listen-error.ts';
import type { Meter, Timers } from '../core/ports.ts';
import type { Rejection } from '../core/rejection.ts';
import { serve } from '../pipeline/pipeline.ts';
import { InFlight } from './in-flight.ts';
import type { LiveGeneration } from './live-generation.ts';

/** What a listener serves from at the moment: one pointer, exchanged between two requests. */
interface Serving {
  readonly live: LiveGeneration;
  /** Of the listener in that generation. */
  readonly name: string;
  readonly done: (x: Exchange) => void;
}

/** How long the answers that tell of a cut may take to leave. */
const LAST_WORDS_MS = 500;

/** One open port, with the exchanges that came in on it. It outlives generations. */
export class Listener {
  readonly #server: Http1Server;
  readonly #inFlight = new InFlight<Exchange>();
  #settings: ListenerSettings;
  #serving: Serving;
  #url = '';
  /** Waited for, while there is something in flight. */
  #idle: PromiseWithResolvers<void> | undefined = undefined;
  #drained: Promise<void> | undefined = undefined;

  /** Not open yet. Holds the generation from here on. */
  constructor(settings: ListenerSettings, live: LiveGeneration, meter: Meter) {
    this.#settings = settings;
    this.#serving = this.#serveFrom(live, settings.name);
    const { connections, connectionsRefused, trailersDropped } = listenerMetrics;
    this.#server = new Http1Server(settings, {
      take: (head, down, address, refusal) => {
        const { live, name, done } = this.#serving;
        live.hold();
        this.#inFlight.add(serve(live.generation, name, head, down, address, refusal, done));
      },
      splitTarget: (target) => this.#serving.live.generation.splitTarget(target),
      connections: meter.gauge(connections).with(settings.name),
      connectionsRefused: meter.counter(connectionsRefused).with(settings.name),
      trailersDropped: meter.counter(trailersDropped).with(settings.name),
    });
  }

  get name(): string {
    return this.#serving.name;
  }

  /** With its real port; empty before it is open. */
  get url(): string {
    return this.#url;
  }

  /** Exchanges that have begun here and not ended. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** As it was asked for: port 0 stays 0. */
  get settings(): ListenerSettings {
    return this.#settings;
  }

  /** Rejects with ListenError. */
  async open(): Promise<void> {
    try {
      const address = await this.#server.listen();
      this.#url = urlOf({ host: address.address, port: address.port });
    } catch (error) {
      this.#serving.live.release();
      throw new ListenError(`listener ${this.#settings.name}`, this.#settings, (error as NodeJS.ErrnoException).code ?? '');
    }
  }

  /** From the next request on; limits that changed hold for connections that come from now on. */
  take(settings: ListenerSettings, live: LiveGeneration): void {
    const before = this.#serving.live;
    this.#serving = this.#serveFrom(live, settings.name);
    this.#settings = settings;
    this.#server.configure(settings);
    before.release();
  }

  /** Goes on serving, and lets go of its clients with their answers. */
  retire(): void {
    this.#server.retire();
  }

  /**
   * Takes no new connections, ends kept ones as they become idle, and cuts with `why` what still runs after the grace. Resolves when all is
   * over, with the number of exchanges that were cut; undefined: nothing had to be. Asked twice, the shorter grace holds.
   */
  async end(graceMs: number, timers: Timers, why: Rejection): Promise<number | undefined> {
    this.#drained ??= this.#drain();
    if (await within(this.#drained, graceMs, timers)) return undefined;
    const running = this.#inFlight.all();
    for (const x of running) x.cut(why);
    await Promise.resolve(); // an answer that could still be given has left, and its exchange knows
    await within(this.#untilIdle(), LAST_WORDS_MS, timers);
    this.#server.cut();
    await this.#drained;
    return running.length;
  }

  /** Breaks every connection. */
  cut(): void {
    this.#server.cut();
  }

  async #drain(): Promise<void> {
    await this.#server.drain();
    await this.#untilIdle();
    this.#serving.live.release();
  }

  #untilIdle(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  #serveFrom(live: LiveGeneration, name: string): Serving {
    live.hold();
    const done = (x: Exchange): void => {
      this.#inFlight.remove(x);
      live.release();
      if (this.#inFlight.size > 0 || this.#idle === undefined) return;
      this.#idle.resolve();
      this.#idle = undefined;
    };
    return { live, name, done };
  }
}

/** Whether it is over within the time. */
async function within(over: Promise<void>, ms: number, timers: Timers): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = timers.after(ms, () => late.resolve(false));
  const first = await Promise.race([over.then(() => true), late.promise]);
  timer.cancel();
  return first;
}

export function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${hostAndPort(host, port)}`;
}
