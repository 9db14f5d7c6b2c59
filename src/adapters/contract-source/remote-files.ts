import type { KeptBytes } from '../../core/contract-documents.ts';
import { isUrl } from '../../core/fetched-url.ts';
import { type Fetched, type FetchOptions, type Validators, fetchDocument } from './fetch-document.ts';
import { keepBytes } from './kept-bytes.ts';

/** As much as a file may have. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One document as it was fetched last. */
export interface Remote {
  readonly kept: KeptBytes;
  /** What can be compared of it: its bytes, and where it was found. */
  readonly fingerprint: string;
  readonly validators: Validators;
  /** After redirects. */
  readonly foundAt: string;
  /** Of the asking that it came of: what a later one brought is newer, whichever was over first. */
  readonly asking: number;
}

/** What came of asking again. `failed`: what was fetched before stays. */
export type Refreshed = 'same' | 'changed' | { readonly failed: string };

export type FetchOutcome = 'fetched' | 'not_modified' | 'failed';

export interface RemoteFilesOptions {
  /** The contract's own document: a path, or a URL whose host is trusted, as an operator has named it. */
  readonly root: string;
  /** How each asking went. */
  readonly onFetched?: (outcome: FetchOutcome, url: string, reason: string) => void;
  readonly fetch?: (url: string, options: FetchOptions) => Promise<Fetched>;
}

/** The documents of one contract that come over the network: fetched once, and again only when somebody asks for that; what could be had once stays. */
export class RemoteFiles {
  readonly root: string;
  readonly #options: RemoteFilesOptions;
  readonly #known = new Map<string, Remote>();
  #askings = 0;

  constructor(options: RemoteFilesOptions) {
    this.root = options.root;
    this.#options = options;
  }

  /** As it was fetched last; fetched now, within this time, where it never could be. Rejects with an Error whose message can be shown. */
  async get(url: string, timeoutMs?: number): Promise<Remote> {
    if (!this.#known.has(url)) {
      const refreshed = await this.refresh(url, timeoutMs);
      if (typeof refreshed === 'object') throw new Error(`cannot fetch ${url}: ${refreshed.failed}`);
    }
    return this.#known.get(url) as Remote;
  }

  /** Asks whether it has changed. Never rejects. */
  async refresh(url: string, timeoutMs?: number): Promise<Refreshed> {
    const { root, onFetched, fetch = fetchDocument } = this.#options;
    const known = this.#known.get(url);
    this.#askings += 1;
    const asking = this.#askings;
    const fetched = await fetch(url, {
      trusted: isUrl(root) ? new URL(root).hostname : undefined,
      maxBytes: MAX_BYTES,
      ...(known !== undefined && { validators: known.validators, foundAt: known.foundAt }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    if (fetched.is === 'failed') {
      onFetched?.('failed', url, fetched.reason);
      return { failed: fetched.reason };
    }
    onFetched?.(fetched.is === 'same' ? 'not_modified' : 'fetched', url, '');
    return fetched.is === 'same' ? 'same' : this.#take(url, fetched, asking);
  }

  async #take(url: string, fetched: Extract<Fetched, { is: 'new' }>, asking: number): Promise<'same' | 'changed'> {
    const { bytes, validators, foundAt } = fetched;
    const fingerprint = `${await sha256Of(bytes)} ${foundAt}`;
    const known = this.#known.get(url);
    const kept = known?.fingerprint === fingerprint ? known.kept : await keepBytes(bytes);
    const now = this.#known.get(url);
    if (now !== undefined && now.asking > asking) return 'same';
    this.#known.set(url, { kept, fingerprint, validators, foundAt, asking });
    return now?.fingerprint === fingerprint ? 'same' : 'changed';
  }

  /** What can be compared of a document as it was fetched last; undefined where it never could be. */
  fingerprint(url: string): string | undefined {
    return this.#known.get(url)?.fingerprint;
  }

  /** Lets go of all but these. */
  retain(urls: ReadonlySet<string>): void {
    for (const url of this.#known.keys()) {
      if (!urls.has(url)) this.#known.delete(url);
    }
  }
}

/** In another thread: of 64 MiB it takes longer than any request should wait. */
async function sha256Of(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex');
}
