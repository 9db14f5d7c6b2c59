import type { KeptBytes } from '../../core/contract-documents.ts';
import { bytesOf } from './kept-bytes.ts';
import type { Remote, RemoteFiles } from './remote-files.ts';

/** What one loading may spend on documents that were never fetched before, all together: everything that changes meanwhile waits for it. */
const LOADING_MS = 120_000;
/** For one of them. */
const DOCUMENT_MS = 30_000;

/** The documents of the network as one loading has seen them: what is fetched again meanwhile is the business of the next. */
export class RemoteReading {
  readonly #remote: Pick<RemoteFiles, 'get'>;
  readonly #monotonicMs: () => number;
  readonly #seen = new Map<string, Remote>();
  /** Where documents were really found, by their URL, where that is another. */
  readonly foundAt = new Map<string, string>();
  #leftMs = LOADING_MS;

  constructor(remote: Pick<RemoteFiles, 'get'>, monotonicMs: () => number = () => performance.now()) {
    this.#remote = remote;
    this.#monotonicMs = monotonicMs;
  }

  /** Rejects with an Error whose message can be shown. */
  async read(url: string): Promise<Uint8Array> {
    if (this.#leftMs <= 0) throw new Error(`cannot fetch ${url}: the documents of this contract took ${LOADING_MS / 1000} s already`);
    const from = this.#monotonicMs();
    try {
      const document = await this.#remote.get(url, Math.min(DOCUMENT_MS, Math.ceil(this.#leftMs)));
      this.#seen.set(url, document);
      if (document.foundAt !== url) this.foundAt.set(url, document.foundAt);
      return await bytesOf(document.kept);
    } finally {
      this.#leftMs -= this.#monotonicMs() - from;
    }
  }

  /** Undefined: it could not be had. */
  kept(url: string): KeptBytes | undefined {
    return this.#seen.get(url)?.kept;
  }

  fingerprint(url: string): string | undefined {
    return this.#seen.get(url)?.fingerprint;
  }
}
