import type { Clock, Logger, Random, Timers } from '../../core/ports.ts';
import { KubeError } from '../kube/kube-error.ts';
import { wait } from '../kube/wait.ts';
import type { Kept } from './kept.ts';
import { CertificateError, type ServingPair, servingPair } from './pair.ts';
import { trusted } from './renewal.ts';
import type { SecretStore } from './secret-store.ts';

export interface KeeperParts {
  readonly store: Pick<SecretStore, 'read'>;
  /** Tells the API server whom to trust (PEM). */
  readonly publish: (bundle: string) => Promise<'changed' | 'unchanged'>;
  /** Serves this from now on. */
  readonly serve: (pair: ServingPair) => void;
  /** Whether it went well when it was last tried. */
  readonly onTried: (how: 'well' | 'badly') => void;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly timers: Timers;
  readonly random: Pick<Random, 'unit'>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Between two looks; half a minute more or less, so that replicas do not ask together. */
export const LOOK_MS = 60_000;
/** After a look that failed; doubled up to LOOK_MS. */
const FIRST_RETRY_MS = 1000;
/** For the API server to hear of a change of its own configuration before a certificate is served that only the new one trusts. */
export const SETTLE_MS = 5000;

/** More would be a quarrel with a tool over the bundle, and the next look takes that up again. */
const ROUNDS = 4;

/**
 * Keeps certificates of our own in order for as long as the injector runs: what is in the Secret is served, renewed when that is due, and
 * trusted by the API server before it is served. A failure changes nothing of what is served; it is tried again.
 */
export class CertificateKeeper {
  readonly #parts: KeeperParts;
  #served: { readonly cert: string; readonly authority: string } | undefined = undefined;
  /** Said once, and again when it is another one. */
  #lastFault = '';

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Resolves when `signal` aborts; never rejects. */
  async run(): Promise<void> {
    const { timers, random, signal } = this.#parts;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const isWell = await this.#look();
      if (signal.aborted) return;
      await wait(timers, (isWell ? LOOK_MS : retryMs) * (0.75 + random.unit() / 2), signal);
      retryMs = isWell ? FIRST_RETRY_MS : Math.min(retryMs * 2, LOOK_MS);
    }
  }

  async #look(): Promise<boolean> {
    const { logger, onTried, signal } = this.#parts;
    try {
      await this.#keep();
    } catch (error) {
      if (signal.aborted) return false;
      onTried('badly');
      const reason = reasonOf(error);
      if (reason !== this.#lastFault) logger.error({ reason }, this.#served === undefined ? NOT_YET : NO_NEWS);
      this.#lastFault = reason;
      return false;
    }
    if (signal.aborted) return false;
    onTried('well');
    if (this.#lastFault !== '') logger.info({}, 'the certificate is in order again');
    this.#lastFault = '';
    return true;
  }

  async #keep(): Promise<void> {
    const { serve, clock, timers, logger, signal } = this.#parts;
    const { kept, published } = await this.#trusted();
    const served = this.#served;
    if (served?.cert === kept.serving.cert) return;
    const pair = servingPair(kept.serving.cert, kept.serving.key, clock.wallMs());
    // What is served until then is trusted by both: the authority before is still in the bundle.
    if (published === 'changed' && served !== undefined) await wait(timers, SETTLE_MS, signal);
    if (signal.aborted) return;
    this.#served = { cert: kept.serving.cert, authority: kept.authority.cert };
    serve(pair);
    logger.info({ expires: new Date(pair.notAfterMs).toISOString() }, 'serving a certificate of our own authority');
  }

  /**
   * What is in the Secret, with the API server told whom to trust. Whoever changed the bundle looks once more: between the reading of one and the writing of
   * the other another replica may have exchanged both, and would then serve what this one has just taken out of the bundle.
   */
  async #trusted(): Promise<{ readonly kept: Kept; readonly published: 'changed' | 'unchanged' }> {
    const { store, publish, clock } = this.#parts;
    let published: 'changed' | 'unchanged' = 'unchanged';
    for (let round = 1; ; round++) {
      const kept = await store.read(this.#served?.authority);
      const done = await publish(trusted(kept, clock.wallMs()));
      if (done === 'changed') published = done;
      if (done === 'unchanged' || round === ROUNDS) return { kept, published };
    }
  }
}

/** A fault of ours must not end what is served well: it is told with its place, and the next look may fare better. */
function reasonOf(error: unknown): string {
  if (error instanceof KubeError || error instanceof CertificateError) return error.message;
  return `a fault in Plumbline, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

const NOT_YET = 'there is no certificate yet: no pod is injected until there is one';
const NO_NEWS = 'the certificate cannot be looked after; the one that there is serves on';
