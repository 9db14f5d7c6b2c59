import { Breaches, type Summary, summarise, type ViolationItem } from './summary.ts';

const TIMEOUT_MS = 2000;
const PAGE = 500;
const MAX_PAGES = 4;

/**
 * Reads what the gateway found through its admin API, over HTTP like anybody else. `admin`: its origin. `read` rejects where the API
 * does not answer within two seconds.
 */
export class Collector {
  readonly #admin: string;
  readonly #breaches = new Breaches();

  constructor(admin: string) {
    this.#admin = admin;
  }

  async read(elapsedMs: number): Promise<Summary> {
    await this.#readViolations();
    const metrics = await this.#get('/metrics');
    return summarise(elapsedMs, metrics, this.#breaches);
  }

  /** Newest first: pages are turned until one brings nothing new. */
  async #readViolations(): Promise<void> {
    let after = '';
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { items, next } = JSON.parse(await this.#get(`/api/violations?limit=${PAGE}${after}`)) as {
        readonly items: readonly ViolationItem[];
        readonly next: string | number | null;
      };
      let fresh = 0;
      for (const item of items) fresh += this.#breaches.add(item) ? 1 : 0;
      if (fresh < items.length || next === null || next === undefined) return;
      after = `&after=${encodeURIComponent(next)}`;
    }
  }

  async #get(path: string): Promise<string> {
    const answer = await fetch(this.#admin + path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.text();
  }
}
