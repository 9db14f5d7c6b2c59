import { setTimeout as delay } from 'node:timers/promises';
import { Arena } from './arena.ts';
import type { Config } from './corpus.ts';
import { GatewaySockets } from './gateway-sockets.ts';

const CLOSE_MS = 2000;

/** One arena for each configuration that cases ask for, started when the first of them comes. */
export class Arenas {
  readonly #sockets = new GatewaySockets();
  readonly #byConfig = new Map<string, Promise<Arena>>();

  #of(config: Config): Promise<Arena> {
    const key = JSON.stringify(config);
    let arena = this.#byConfig.get(key);
    if (arena === undefined) {
      arena = Arena.start(config, this.#sockets);
      this.#byConfig.set(key, arena);
    }
    return arena;
  }

  /** Plays on the arena of a configuration; one on which a case failed is not used again, so that no case fails for another's sake. */
  async play(config: Config, how: (arena: Arena) => Promise<string[]>): Promise<string[]> {
    let wrong: string[] | undefined;
    try {
      wrong = await how(await this.#of(config));
      return wrong;
    } finally {
      if (wrong?.length !== 0) await this.#discard(config);
    }
  }

  async #discard(config: Config): Promise<void> {
    const arena = this.#byConfig.get(JSON.stringify(config));
    this.#byConfig.delete(JSON.stringify(config));
    // One that never started has said so already; one that can't be closed must not hold up the others.
    const closed = arena?.then((started) => started.close()).catch(() => undefined);
    await Promise.race([closed, delay(CLOSE_MS)]);
  }

  /** `internal_errors_total` of all of them. */
  async internalErrors(): Promise<number> {
    let sum = 0;
    for (const arena of await this.#started()) sum += (await arena.gateway.metrics()).value('plumbline_internal_errors_total');
    return sum;
  }

  async close(): Promise<void> {
    for (const arena of await this.#started()) await arena.close();
    this.#sockets[Symbol.dispose]();
  }

  /** Those that could not be started have failed their cases already. */
  async #started(): Promise<Arena[]> {
    const all = await Promise.allSettled(this.#byConfig.values());
    return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }
}
