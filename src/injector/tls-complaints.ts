import type { Clock, Logger } from '../core/ports.ts';

const MINUTE_MS = 60_000;
/** What a client says by an alert of TLS (RFC 8446 §6.2) when it does not like our certificate. */
const ABOUT_CERTIFICATE = /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)/;

/**
 * Clients that end the handshake over our certificate: an API server whose `caBundle` is not that of the certificate says nothing else, and no pod is
 * injected. Told at most once a minute; whoever else fails to shake hands (a port scan) is nobody's concern.
 */
export class TlsComplaints {
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #count = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(logger: Logger, clock: Pick<Clock, 'monotonicMs'>) {
    this.#logger = logger;
    this.#clock = clock;
  }

  heard({ code = '' }: NodeJS.ErrnoException): void {
    if (!ABOUT_CERTIFICATE.test(code)) return;
    this.#count += 1;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#toldAt < MINUTE_MS) return;
    this.#logger.error(
      { reason: code, times: this.#count },
      'clients do not trust the certificate: is caBundle of the webhooks that of its authority?',
    );
    this.#count = 0;
    this.#toldAt = nowMs;
  }
}
