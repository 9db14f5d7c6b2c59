import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { LostUpdate } from '../../core/ports.ts';

/** Writes that are remembered, over all targets of a route, and for how long. */
const MAX_WRITES = 4096;
const MAX_AGE_MS = 3_600_000;

/** A write that succeeded. */
interface Write {
  readonly method: string;
  readonly requestId: string;
  readonly key: string | undefined;
  /** The version that it made, where the answer said so. */
  readonly made: string | undefined;
  /** Monotonic, milliseconds: when it had succeeded. */
  readonly at: number;
}

/**
 * Which version of which target was written last by whom (PC-2). Of a service that honours If-Match every version can be written to once. In
 * doubt nothing is said: a version that is, or is again, the present one can be written to.
 */
export class Writes {
  /** By SHA-256 of target and version: neither is kept. */
  readonly #writes = new LRUCache<string, Write>({ max: MAX_WRITES });

  /** `version`: what the write named; `made`: what its answer says is the version now. */
  succeeded(x: Exchange, version: string, made: string | undefined, nowMs: number): LostUpdate | undefined {
    if (made === version) {
      this.#writes.delete(idOf(x, version)); // it changed nothing
      return undefined;
    }
    const id = idOf(x, version);
    const before = this.#writes.get(id);
    const write = {
      method: x.request.method,
      requestId: x.requestId,
      key: headerValue(x.request.headers, 'idempotency-key'),
      made,
      at: nowMs,
    };
    this.#writes.set(id, write);
    if (made !== undefined) this.present(x, made, nowMs);
    if (before === undefined || before.at < nowMs - MAX_AGE_MS || isSameWrite(before, write, x)) return undefined;
    return { id, overwritten: before.requestId };
  }

  /** An answer to what was asked at `askedAt` says that this version is the present one: whoever wrote to it before made no other of it. */
  present(x: Exchange, version: string, askedAt: number): void {
    if (this.#writes.size === 0) return;
    const id = idOf(x, version);
    const write = this.#writes.peek(id);
    if (write !== undefined && write.at <= askedAt) this.#writes.delete(id);
  }
}

/** Repeated, or with the same result: nothing was lost. */
function isSameWrite(before: Write, write: Write, x: Exchange): boolean {
  return (
    before.requestId === write.requestId ||
    (before.key !== undefined && before.key === write.key) ||
    (before.made !== undefined && before.made === write.made) ||
    (before.method === 'DELETE' && write.method === 'DELETE') ||
    (x.peer.trusted && Number(headerValue(x.request.headers, 'x-retry-attempt')) > 1)
  );
}

function idOf({ request, route }: Exchange, version: string): string {
  const host = headerValue(request.headers, 'host')?.toLowerCase() ?? '';
  return hash('sha256', `${route.upstream}\n${host}\n${request.path}?${request.query}\n${version}`, 'hex');
}
