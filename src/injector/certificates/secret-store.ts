import type { Clock, Logger, Random } from '../../core/ports.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { KubeError } from '../kube/kube-error.ts';
import { type Kept, newSecret, readSecret, secretPatch } from './kept.ts';
import { due, fresh, renewed } from './renewal.ts';

export interface SecretStoreParts {
  readonly api: KubeApi;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly random: Pick<Random, 'hex'>;
  readonly logger: Logger;
  readonly namespace: string;
  readonly secret: string;
  /** DNS names that the certificate is for. */
  readonly names: readonly string[];
}

/** Others write, too: so many rounds of reading what they wrote are enough for any number of replicas that start at once. */
const ROUNDS = 8;

/**
 * The certificates in their Secret: read, and made or renewed where that is due. Whoever writes first wins; the others read what it
 * wrote. So all replicas have one authority, however many begin at once.
 */
export class SecretStore {
  readonly #parts: SecretStoreParts;
  readonly #path: string;

  constructor(parts: SecretStoreParts) {
    this.#parts = parts;
    this.#path = `/api/v1/namespaces/${parts.namespace}/secrets`;
  }

  /**
   * What is in the Secret when all that is due has been done. `served`: the authority of what is served now, which stays trusted for a
   * while where the Secret was deleted. Rejects with KubeError, and with CertificateError where the Secret is somebody else's.
   */
  async read(served: string | undefined): Promise<Kept> {
    const { api, clock, random, logger, names, namespace, secret } = this.#parts;
    // Not under the name `secret`: the log masks what is called so.
    const object = `Secret/${secret}`;
    for (let round = 0; round < ROUNDS; round++) {
      const found = await api.get(`${this.#path}/${secret}`);
      if (found === undefined) {
        const made = await fresh(served, names, clock.wallMs(), random);
        if ((await api.create(this.#path, newSecret(secret, namespace, made))) === 'exists') continue;
        logger.info({ object, namespace }, 'made a certificate authority and a certificate, and put them into a new Secret');
        return made;
      }
      const { resourceVersion, kept, authorityCert } = readSecret(found, secret);
      const needed = kept === undefined ? undefined : due(kept, names, clock.wallMs());
      if (kept !== undefined && needed === undefined) return kept;
      const next =
        kept === undefined || needed === undefined
          ? await fresh(authorityCert ?? served, names, clock.wallMs(), random)
          : await renewed(kept, needed.what, names, clock.wallMs(), random);
      if ((await api.patch(`${this.#path}/${secret}`, 'merge', secretPatch(resourceVersion, next))) === 'conflict') continue;
      const what = needed?.what === 'serving' ? 'a new certificate' : 'a new certificate authority and certificate';
      logger.info({ object, namespace, why: needed?.why ?? 'the Secret did not have all of them' }, `put ${what} into the Secret`);
      return next;
    }
    throw new KubeError(`Secret ${secret} changed ${ROUNDS} times while it was to be written`, undefined);
  }
}
