import type { Random, Timers } from '../../core/ports.ts';
import { type Call, type KubeAnswer, call } from './call.ts';
import { type ApiServer, credentials } from './in-cluster.ts';
import { KubeError } from './kube-error.ts';
import { wait } from './wait.ts';

/** RFC 7386, and the one of Kubernetes in which lists have keys. */
export type PatchKind = 'merge' | 'strategic-merge';

const ATTEMPTS = 4;
/** Before the second attempt; doubled for each that follows. */
const BACKOFF_MS = 200;
const MAX_RETRY_AFTER_MS = 8000;
/** Of what an API server says about a refusal. */
const MAX_SAID = 300;

export interface KubeApiParts {
  readonly server: ApiServer;
  readonly timers: Timers;
  readonly random: Pick<Random, 'unit'>;
  /** Ends what runs, and what waits. */
  readonly signal: AbortSignal;
}

/**
 * As much of a Kubernetes client as the injector needs. Everything may be tried again: what is made has one name, what is changed has a
 * resource version. Rejects with KubeError where an answer does not come, or is none of those that a method names.
 */
export class KubeApi {
  readonly #parts: KubeApiParts;

  constructor(parts: KubeApiParts) {
    this.#parts = parts;
  }

  /** Undefined: there is none. */
  async get(path: string): Promise<unknown> {
    const answer = await this.#ask({ method: 'GET', path });
    if (answer.status === 404) return undefined;
    return expect200('GET', path, answer);
  }

  /** `exists`: somebody else was first, or an earlier attempt whose answer was lost. */
  async create(path: string, value: unknown): Promise<'created' | 'exists'> {
    const answer = await this.#ask({ method: 'POST', path, body: { type: 'application/json', value } });
    if (answer.status === 409) return 'exists';
    expect200('POST', path, answer);
    return 'created';
  }

  /** `value` says the resource version that it changes. `conflict`: that one is no longer the newest, or the object is gone. */
  async patch(path: string, kind: PatchKind, value: unknown): Promise<'patched' | 'conflict'> {
    const type = kind === 'merge' ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json';
    const answer = await this.#ask({ method: 'PATCH', path, body: { type, value } });
    if (answer.status === 409 || answer.status === 404) return 'conflict';
    expect200('PATCH', path, answer);
    return 'patched';
  }

  async #ask(asked: Call): Promise<KubeAnswer> {
    const { server, timers, random, signal } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      let waitMs = BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + random.unit());
      try {
        const answer = await call(server, await credentials(server), asked, timers, signal);
        if (!isPassing(answer.status) || attempt === ATTEMPTS) return answer;
        if (answer.retryAfterSeconds !== undefined) waitMs = Math.max(waitMs, answer.retryAfterSeconds * 1000);
      } catch (error) {
        if (!(error instanceof KubeError) || attempt === ATTEMPTS || signal.aborted) throw error;
      }
      await wait(timers, Math.min(waitMs, MAX_RETRY_AFTER_MS), signal);
      if (signal.aborted) throw new KubeError(`${asked.method} ${asked.path}: given up, as the injector ends`, undefined);
    }
  }
}

/** What the same call may well not meet a moment later. */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

function expect200(method: string, path: string, { status, body }: KubeAnswer): unknown {
  if (status >= 200 && status < 300) {
    if (typeof body === 'object' && body !== null) return body;
    throw new KubeError(`${method} ${path}: the answer ${status} is no JSON object`, status);
  }
  // The Status of the API conventions: its message says which right is missing, and for whom.
  const said =
    typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string'
      ? `: ${body.message.slice(0, MAX_SAID)}`
      : '';
  throw new KubeError(`${method} ${path}: answered ${status}${said}`, status);
}
