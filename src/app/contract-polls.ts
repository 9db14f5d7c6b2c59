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

/** How long who asks for all at once is kept waiting. */
const ASK_MS = 5000;

interface Polled {
  part: RemotePart;
  timer: Timer | undefined;
  retryMs: number;
}

/** Asks again for the documents of contracts that come over the network, one at a time for each contract. */
export class ContractPolls {
  readonly #parts: ContractPollsParts;
  readonly #polled = new Map<RemoteFiles, Polled>();
  /** `ask`: what is under way, and what waits for its end. */
  readonly #asking = new Map<RemoteFiles, { readonly under: Promise<boolean>; readonly next?: Promise<boolean> }>();
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

  /**
   * For all of it now; resolves when that is over, at the latest after five seconds: who asks for this means the files, too, and a server that
   * hangs must not keep them waiting. What has changed until then is known when this resolves, of what comes later `onChange` tells.
   */
  async ask(parts: readonly RemotePart[]): Promise<void> {
    let waits = true;
    const late = Promise.withResolvers<void>();
    const timer = this.#parts.timers.after(ASK_MS, late.resolve);
    const asked = parts.map(async (part) => {
      const changed = await this.#askedAfter(part);
      if (changed && !waits && !this.#stopped) this.#parts.onChange();
    });
    await Promise.race([Promise.all(asked), late.promise]);
    waits = false;
    timer.cancel();
  }

  /** Not before an earlier asking for the same is over; where one waits for that already, it is this one, too. */
  #askedAfter(part: RemotePart): Promise<boolean> {
    const { remote } = part;
    const { under, next } = this.#asking.get(remote) ?? {};
    if (next !== undefined) return next;
    const asked = under === undefined ? refresh(part) : under.then(() => refresh(part));
    this.#asking.set(remote, under === undefined ? { under: asked } : { under, next: asked });
    void asked.then(() => {
      const waiting = this.#asking.get(remote)?.next;
      if (waiting === undefined) this.#asking.delete(remote);
      else this.#asking.set(remote, { under: waiting });
    });
    return asked;
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
