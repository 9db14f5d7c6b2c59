import { type Hash, createHash, hash } from 'node:crypto';
import type { BodyDigest } from '../core/exchange.ts';

/** SHA-256 of a body as it goes by (semantics ID-1). Most bodies are one chunk: they are hashed in one call, when somebody asks. */
export class Digest implements BodyDigest {
  readonly #body: { readonly ended: boolean };
  #first: Uint8Array | undefined = undefined;
  #hash: Hash | undefined = undefined;
  #value: string | undefined = undefined;

  constructor(body: { readonly ended: boolean }) {
    this.#body = body;
  }

  add(chunk: Uint8Array): void {
    if (this.#first === undefined) {
      this.#first = chunk;
      return;
    }
    this.#hash ??= createHash('sha256').update(this.#first);
    this.#hash.update(chunk);
  }

  value(): string | undefined {
    if (!this.#body.ended) return undefined;
    if (this.#value === undefined) {
      this.#value = this.#hash?.digest('hex') ?? hash('sha256', this.#first ?? EMPTY);
      this.#first = undefined;
    }
    return this.#value;
  }
}

const EMPTY = new Uint8Array(0);
