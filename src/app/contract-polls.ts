import type { RemoteFiles } from '../adapters/contract-source/remote-files.ts';
import type { Random, Timer, Timers } from '../core/ports.ts';

/** What of one contract comes over the network, and how often it is asked for. */
export interface RemotePart {
  /** Of the contract. */
  readonly name: string;
  readonly pollMs: number;
  readonly urls: readonly string[];
  readonly remote: RemoteFiles;
}

export interface ContractPollsParts {
  /** For what waits long. */
  readonly timers: Timers;
  readonly random: Random;
  /** Something is another than it was, or can be had now. */
  readonly onChange: () => void;
}

/** What could never be had is asked for sooner than by the poll: a second later, then twice as long each time. */
const FIRST_RETRY_MS = 1000;
/** Replicas that were started together must not ask together for ever: the pause is so much longer or shorter. */
const JITTER = 0.1;

interface Polled {
  part: RemotePart;
  timer: Timer | undefined;
  retryMs: number;
}

/** Asks again for the documents of contracts that come over the network, one at a time for each contract. */
export class ContractPolls {
  readonly #parts: ContractPollsParts;
  readonly #polled = new Map<RemoteFiles, Polled>();
  #stopped = false;

  constructor(parts: ContractPollsParts) {
    this.#parts = parts;
  }

  /** From now on these. One that was watched before keeps its turn. */
  watch(parts: readonly RemotePart[]): void {
    if (this.#stopped) return;
    const wanted = new Set(parts.map(({ remote }) => remote));
    for (const [remote, { timer }] of this.#polled) {
      if (wanted.has(remote)) continue;
      timer?.cancel();
      this.#polled.delete(remote);
    }
    for (const part of parts) {
      const known = this.#polled.get(part.remote);
      if (known === undefined) {
        const polled: Polled = { part, timer: undefined, retryMs: FIRST_RETRY_MS };
        this.#polled.set(part.remote, polled);
        this.#schedule(polled);
      } else {
        const again = known.part.pollMs !== part.pollMs && known.timer !== undefined;
        known.part = part;
        if (again) this.#schedule(known);
      }
    }
  }

  /** Asks for all of it at once. What has changed is known when this resolves, and `onChange` is not called for it. */
  async ask(parts: readonly RemotePart[]): Promise<void> {
    await Promise.all(parts.map((part) => refresh(part)));
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#polled.values()) timer?.cancel();
    this.#polled.clear();
  }

  #schedule(polled: Polled): void {
    const { timers, random } = this.#parts;
    const { part } = polled;
    const missing = part.urls.some((url) => part.remote.fingerprint(url) === undefined);
    const ms = missing ? Math.min(polled.retryMs, part.pollMs) : part.pollMs;
    polled.retryMs = missing ? 2 * ms : FIRST_RETRY_MS;
    polled.timer?.cancel();
    polled.timer = timers.after(ms * (1 - JITTER + 2 * JITTER * random.unit()), () => void this.#poll(polled));
  }

  async #poll(polled: Polled): Promise<void> {
    polled.timer = undefined;
    const changed = await refresh(polled.part);
    // Not watched any more.
    if (this.#polled.get(polled.part.remote) !== polled) return;
    this.#schedule(polled);
    if (changed) this.#parts.onChange();
  }
}

/** Whether any of it has changed. Never rejects. */
async function refresh({ urls, remote }: RemotePart): Promise<boolean> {
  let changed = false;
  for (const url of urls) if ((await remote.refresh(url)) === 'changed') changed = true;
  return changed;
}
