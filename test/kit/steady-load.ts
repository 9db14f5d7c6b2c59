import type { RawConnection } from './connection.ts';
import { readResponse } from './message.ts';
import { connectRaw, sendRequest } from './raw-client.ts';

export interface LoadReport {
  /** Requests that were sent. */
  readonly sent: number;
  /** Answers by status and body: `200 one`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Why requests had no answer, one entry each. */
  readonly lost: readonly string[];
}

/** What waits for its answer at most: a machine that has no time for the rate must not be buried under it. */
const MAX_PENDING = 200;

/**
 * Requests at a steady rate, whether answers come or not (open loop, as long as the machine keeps up), over kept connections like those
 * of an honest client.
 */
export class SteadyLoad {
  readonly #port: () => number;
  readonly #lines: readonly string[];
  readonly #idle: RawConnection[] = [];
  readonly #answers = new Map<string, number>();
  readonly #lost: string[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;

  /** `port` is asked for each connection. */
  constructor(port: () => number, lines: readonly string[], perSecond: number) {
    this.#port = port;
    this.#lines = lines;
    let startedAt = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
      while (this.#sent < due && this.#pending.size < MAX_PENDING) this.#send();
      startedAt += ((due - this.#sent) / perSecond) * 1000;
    }, 2);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Sends no more; resolves when every answer is here. */
  async stop(): Promise<LoadReport> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    for (const c of this.#idle) c.destroy();
    return { sent: this.#sent, answers: this.#answers, lost: this.#lost };
  }

  #send(): void {
    this.#sent += 1;
    const one = this.#exchange().catch((error: unknown) => void this.#lost.push(String(error)));
    this.#pending.add(one);
    void one.then(() => this.#pending.delete(one));
  }

  async #exchange(): Promise<void> {
    const c = this.#take() ?? (await connectRaw(this.#port()));
    sendRequest(c, this.#lines);
    const { status, headers, body } = await readResponse(c);
    const key = `${status} ${body}`;
    this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1);
    const closes = headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'connection' && headers[i + 1] === 'close');
    if (closes) c.destroy();
    else this.#idle.push(c);
  }

  /** One that the server has not closed meanwhile. */
  #take(): RawConnection | undefined {
    for (let c = this.#idle.pop(); c !== undefined; c = this.#idle.pop()) {
      if (!c.ended) return c;
      c.destroy();
    }
    return undefined;
  }
}
