import type { KeptBytes } from '../../core/contract-documents.ts';
import { isUrl } from '../../core/fetched-url.ts';
import { type Fetched, type FetchOptions, type Validators, fetchDocument } from './fetch-document.ts';
import { bytesOf, keepBytes } from './kept-bytes.ts';

/** As much as a file may have. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One document as it was fetched last. */
interface Remote {
  readonly kept: KeptBytes;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly sha256: string;
  readonly validators: Validators;
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
  /** Where a document was really found, by its URL, where that is another. */
  readonly foundAt = new Map<string, string>();

  constructor(options: RemoteFilesOptions) {
    this.root = options.root;
    this.#options = options;
  }

  /** As it was fetched last; fetched now where it never could be. Rejects with an Error whose message can be shown. */
  async read(url: string): Promise<Uint8Array> {
    if (!this.#known.has(url)) {
      const refreshed = await this.refresh(url);
      if (typeof refreshed === 'object') throw new Error(`cannot fetch ${url}: ${refreshed.failed}`);
    }
    return bytesOf((this.#known.get(url) as Remote).kept);
  }

  /** Asks whether it has changed. Never rejects. */
  async refresh(url: string): Promise<Refreshed> {
    const { root, onFetched, fetch = fetchDocument } = this.#options;
    const known = this.#known.get(url);
    const fetched = await fetch(url, {
      trusted: isUrl(root) ? new URL(root).hostname : undefined,
      maxBytes: MAX_BYTES,
      ...(known !== undefined && { validators: known.validators }),
    });
    if (fetched.is === 'failed') {
      onFetched?.('failed', url, fetched.reason);
      return { failed: fetched.reason };
    }
    onFetched?.(fetched.is === 'same' ? 'not_modified' : 'fetched', url, '');
    return fetched.is === 'same' ? 'same' : this.#take(url, fetched);
  }

  async #take(url: string, fetched: Extract<Fetched, { is: 'new' }>): Promise<'same' | 'changed'> {
    const known = this.#known.get(url);
    const { bytes, validators, foundAt } = fetched;
    const sha256 = await sha256Of(bytes);
    const moved = (this.foundAt.get(url) ?? url) !== foundAt;
    if (foundAt === url) this.foundAt.delete(url);
    else this.foundAt.set(url, foundAt);
    const changed = known?.sha256 !== sha256 || moved;
    this.#known.set(url, { kept: changed ? await keepBytes(bytes) : known.kept, sha256, validators });
    return changed ? 'changed' : 'same';
  }

  /** What can be compared of a document as it was fetched last; undefined where it never could be. */
  fingerprint(url: string): string | undefined {
    const known = this.#known.get(url);
    return known && `${known.sha256} ${this.foundAt.get(url) ?? ''}`;
  }

  kept(url: string): KeptBytes | undefined {
    return this.#known.get(url)?.kept;
  }

  /** Lets go of all but these. */
  retain(urls: ReadonlySet<string>): void {
    for (const url of this.#known.keys()) {
      if (urls.has(url)) continue;
      this.#known.delete(url);
      this.foundAt.delete(url);
    }
  }
}

/** In another thread: of 64 MiB it takes longer than any request should wait. */
async function sha256Of(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex');
}
