/** Composition root of `plumbline injector`, as gateway.ts is that of the gateway: neither loads the other. */
import { join } from 'node:path';
import { sparseTimers } from '../adapters/config-watch/timers.ts';
import { type OpenLogger, logFormat, openLogger } from '../adapters/log/logger.ts';
import { type Prometheus, createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { systemClock, systemRandom } from '../adapters/system-clock/system.ts';
import type { RunningServer } from '../admin/http.ts';
import { createProbes } from '../admin/probes.ts';
import { hostAndPort } from '../core/address.ts';
import type { Endpoint } from '../core/listen.ts';
import { ListenError } from '../core/listen-error.ts';
import type { Gauge, Random } from '../core/ports.ts';
import { CertificateError, type ServingPair, servingPair } from '../injector/certificates/pair.ts';
import { CertificateKeeper } from '../injector/certificates/keeper.ts';
import { SecretStore } from '../injector/certificates/secret-store.ts';
import { publishTrust } from '../injector/certificates/trust.ts';
import type { ApiServer } from '../injector/kube/in-cluster.ts';
import { KubeApi } from '../injector/kube/kube-api.ts';
import { wait } from '../injector/kube/wait.ts';
import { injectorMetrics } from '../injector/metrics.ts';
import { Reviewer } from '../injector/reviewer.ts';
import { ReviewServer } from '../injector/server.ts';
import { SettingsInForce } from '../injector/settings-in-force.ts';
import { StartError } from './start-error.ts';
import { type FileContents, WatchedFiles } from './watched-files.ts';
import { observationMetrics } from '../observation/metrics.ts';
import manifest from '../../package.json' with { type: 'json' };

/** Where certificate and key come from. */
export type CertificateFrom =
  /** A mounted Secret: `tls.crt` and `tls.key`. Absolute. */
  | { readonly dir: string }
  /** Made here, kept in a Secret, and the API server told of it. */
  | { readonly selfSigned: SelfSigned };

export interface SelfSigned {
  readonly api: ApiServer;
  readonly namespace: string;
  readonly secret: string;
  /** Name of the MutatingWebhookConfiguration. */
  readonly webhook: string;
  /** Name of the Service that the API server calls. */
  readonly service: string;
}

export interface InjectorOptions {
  /** Absolute. */
  readonly settingsFile: string;
  readonly listen: Endpoint;
  readonly probes: Endpoint;
  readonly certificate: CertificateFrom;
  /** After the end was asked for reviews are still answered for so long, as API servers go on calling until they have heard of it. */
  readonly drainDelayMs: number;
}

export interface RunningInjector {
  readonly url: string;
  readonly probesUrl: string;
  /** Not ready from now on; answers for the drain delay and finishes what runs. */
  drain(): Promise<void>;
  /** Cuts what runs. */
  cut(): Promise<void>;
  readonly closed: Promise<void>;
}

const POLL_MS = 15_000;
const MAX_SETTINGS_BYTES = 1024 * 1024;
const MAX_CERTIFICATE_BYTES = 256 * 1024;
/** For reviews that run when no new ones are taken: as long as an API server waits by default. */
const GRACE_MS = 10_000;
/** No label of the injector is open: these only bound what cannot happen. */
const LIMITS = { operations: 1, consumers: 1, versionsPerConsumer: 1, lines: 1000 };

/** Throws StartError where it cannot be started: settings, certificate or port. `logger`: standard error where left out. */
export async function startInjector(options: InjectorOptions, logger?: OpenLogger): Promise<RunningInjector> {
  const starting = new Injector(options, logger);
  try {
    await starting.start();
  } catch (error) {
    await starting.cut();
    if (error instanceof ListenError) throw new StartError(error.message);
    throw error;
  }
  return starting;
}

class Injector implements RunningInjector {
  readonly #options: InjectorOptions;
  readonly #prometheus: Prometheus = createPrometheus({ limits: LIMITS });
  readonly #logger: OpenLogger;
  readonly #random: Random = systemRandom();
  readonly #settings: SettingsInForce;
  readonly #server: ReviewServer;
  readonly #files: WatchedFiles[] = [];
  readonly #ending = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  readonly #expiry: Gauge;
  #probes: RunningServer | undefined = undefined;
  #keeping: Promise<void> = Promise.resolve();
  #hasCertificate = false;
  #isListening = false;
  #draining: Promise<void> | undefined = undefined;
  #cutting: Promise<void> | undefined = undefined;
  url = '';
  probesUrl = '';

  constructor(options: InjectorOptions, logger: OpenLogger | undefined) {
    this.#options = options;
    const { meter } = this.#prometheus;
    this.#prometheus.setBuildInfo({ version: manifest.version, revision: process.env['PLUMBLINE_REVISION'] ?? '', node: process.version });
    const dropped = meter.counter(observationMetrics.dropped).with('log');
    this.#logger = logger ?? openLogger({ format: logFormat(process.stderr, process.env), onDropped: (lines) => dropped.inc(lines) });
    this.#expiry = meter.gauge(injectorMetrics.certificateExpiry).with();
    this.#settings = new SettingsInForce({ file: options.settingsFile, meter, logger: this.#logger });
    const reviewer = new Reviewer({ settings: () => this.#settings.current, meter, logger: this.#logger });
    this.#server = new ReviewServer({
      clock: systemClock,
      timers: sparseTimers,
      logger: this.#logger,
      review: (body) => reviewer.review(body),
      onAnswered: (outcome, seconds) => reviewer.answered(outcome, seconds),
    });
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  async start(): Promise<void> {
    const { settingsFile, listen, probes, certificate } = this.#options;
    this.#probes = await createProbes(
      {
        ready: () => this.#ready(),
        started: () => this.#isListening && this.#hasCertificate,
        metrics: (accept) => this.#prometheus.scrape(accept),
      },
      probes,
    );
    this.probesUrl = urlOf('http', this.#probes.address);
    await this.#watch([settingsFile], MAX_SETTINGS_BYTES, ([contents]) => this.#settings.read(contents as FileContents));
    if (this.#settings.fault !== undefined) throw new StartError(this.#settings.fault);
    if ('dir' in certificate) await this.#fromDirectory(certificate.dir);
    else this.#keeping = this.#keep(certificate.selfSigned);
    this.url = urlOf('https', await this.#server.listen(listen));
    this.#isListening = true;
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  cut(): Promise<void> {
    this.#cutting ??= this.#close(0);
    return this.#cutting;
  }

  async #drain(): Promise<void> {
    this.#server.endConnections();
    await wait(sparseTimers, this.#options.drainDelayMs, this.#ending.signal);
    this.#cutting ??= this.#close(GRACE_MS);
    await this.#cutting;
  }

  async #close(graceMs: number): Promise<void> {
    this.#ending.abort();
    for (const files of this.#files) files.stop();
    await this.#server.close(graceMs);
    await this.#keeping;
    await this.#probes?.close();
    await this.#logger.close();
    this.#closed.resolve();
  }

  #ready(): { ready: boolean; reasons: readonly string[] } {
    const reasons: string[] = [];
    if (!this.#isListening) reasons.push('the port for reviews is not open yet');
    if (!this.#hasCertificate) reasons.push('there is no certificate yet');
    if (this.#draining !== undefined) reasons.push('the injector ends');
    return { ready: reasons.length === 0, reasons };
  }

  async #watch(paths: readonly string[], maxBytes: number, onContents: (contents: readonly FileContents[]) => void): Promise<void> {
    const files = new WatchedFiles({ paths, maxBytes, pollMs: POLL_MS, timers: sparseTimers, logger: this.#logger, onContents });
    this.#files.push(files);
    await files.open();
  }

  #serve(pair: ServingPair): void {
    this.#server.serve(pair);
    this.#hasCertificate = true;
    this.#expiry.set(pair.notAfterMs / 1000);
  }

  async #fromDirectory(dir: string): Promise<void> {
    const success = this.#prometheus.meter.gauge(injectorMetrics.certificateSuccess).with();
    let fault: string | undefined;
    await this.#watch([join(dir, 'tls.crt'), join(dir, 'tls.key')], MAX_CERTIFICATE_BYTES, ([cert, key]) => {
      const pair = pairOf(cert as FileContents, key as FileContents);
      fault = typeof pair === 'string' ? pair : undefined;
      success.set(fault === undefined ? 1 : 0);
      if (typeof pair !== 'string') {
        this.#serve(pair);
        this.#logger.info({ dir, expires: new Date(pair.notAfterMs).toISOString() }, 'serving the certificate of the directory');
      } else if (this.#hasCertificate) {
        this.#logger.error({ dir, reason: pair }, 'the certificate of the directory cannot be served; the one before serves on');
      }
    });
    if (fault !== undefined) throw new StartError(`${dir}: ${fault}`);
  }

  #keep({ api: server, namespace, secret, webhook, service }: SelfSigned): Promise<void> {
    const [logger, timers, random, clock] = [this.#logger, sparseTimers, this.#random, systemClock];
    const success = this.#prometheus.meter.gauge(injectorMetrics.certificateSuccess).with();
    const { signal } = this.#ending;
    const api = new KubeApi({ server, timers, random, signal });
    const names = [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`];
    return new CertificateKeeper({
      store: new SecretStore({ api, clock, random, logger, namespace, secret, names }),
      publish: (bundle) => publishTrust({ api, webhook, service, namespace }, bundle),
      serve: (pair) => this.#serve(pair),
      onTried: (how) => success.set(how === 'well' ? 1 : 0),
      clock,
      timers,
      random,
      logger,
      signal,
    }).run();
  }
}

/** A text says why there is none. */
function pairOf(cert: FileContents, key: FileContents): ServingPair | string {
  if ('fault' in cert) return cert.fault;
  if ('fault' in key) return key.fault;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  try {
    return servingPair(text(cert.bytes), text(key.bytes), systemClock.wallMs());
  } catch (error) {
    if (error instanceof CertificateError) return error.message;
    throw error;
  }
}

function urlOf(scheme: 'http' | 'https', { host, port }: { readonly host: string; readonly port: number }): string {
  return `${scheme}://${hostAndPort(host, port)}`;
}
