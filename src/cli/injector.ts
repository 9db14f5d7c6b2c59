import { resolve } from 'node:path';
import type { CertificateFrom, InjectorOptions, RunningInjector } from '../app/injector.ts';
import { StartError } from '../app/start-error.ts';
import { inCluster, ownNamespace } from '../injector/kube/in-cluster.ts';
import { KubeError } from '../injector/kube/kube-error.ts';
import type { Given } from '../config/without-file.ts';
import { given, isOn } from './flags.ts';
import { EXIT, type Io, UsageError } from './output.ts';
import { type RunParts, untilStopped } from './run.ts';

export interface InjectorParts extends Pick<RunParts, 'signals' | 'now'> {
  readonly start: (options: InjectorOptions) => Promise<RunningInjector>;
}

/** `plumbline injector`: resolves with the exit code once it has ended. Throws UsageError where flags and variables do not go together. */
export async function injector(
  flags: Readonly<Record<string, unknown>>,
  io: Io,
  parts: InjectorParts = { start: startInjector, signals: process, now: () => performance.now() },
): Promise<number> {
  const options = await injectorOptions(flags, io);
  let running: RunningInjector;
  try {
    running = await parts.start(options);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    io.stderr.write(`plumbline: ${error.message}\n`);
    return EXIT.usage;
  }
  io.stderr.write(`plumbline injector ${running.url}\nplumbline probes   ${running.probesUrl}\n`);
  return untilStopped(running, parts, io);
}

/** Loaded only now: flags with mistakes need none of it. */
async function startInjector(options: InjectorOptions): Promise<RunningInjector> {
  const app = await import('../app/injector.ts');
  return app.startInjector(options);
}

type Of = (long: string) => Given | undefined;

/** What flags and variables say. Throws UsageError. */
export async function injectorOptions(flags: Readonly<Record<string, unknown>>, io: Io): Promise<InjectorOptions> {
  const of: Of = (long) => given(long, flags, io.env);
  const settings = of('--settings');
  if (settings === undefined) throw new UsageError('--settings is missing: the file that says how pods are injected');
  return {
    settingsFile: resolve(io.cwd, settings.value),
    listen: { host: of('--host')?.value, port: portOf(of('--port'), 9443) },
    probes: { host: of('--probes-host')?.value, port: portOf(of('--probes-port'), 7091) },
    certificate: await certificateFrom(of, io),
    drainDelayMs: delayOf(of('--drain-delay'), 5000),
  };
}

async function certificateFrom(of: Of, io: Io): Promise<CertificateFrom> {
  const dir = of('--cert-dir');
  if (!isOn(of('--self-signed')?.value)) {
    if (dir === undefined) throw new UsageError('a certificate is missing: --cert-dir, or --self-signed');
    return { dir: resolve(io.cwd, dir.value) };
  }
  if (dir !== undefined) throw new UsageError(`--self-signed cannot go with ${dir.origin}: there is one certificate`);
  const named = (long: string): string => {
    const value = of(long);
    if (value === undefined) throw new UsageError(`--self-signed needs ${long}`);
    return objectName(value);
  };
  const [secret, webhook, service] = [named('--secret'), named('--webhook'), named('--service')];
  const namespace = of('--namespace');
  try {
    const account = of('--account-dir');
    const api = inCluster(io.env, ...(account === undefined ? [] : [resolve(io.cwd, account.value)]));
    return {
      selfSigned: { api, secret, webhook, service, namespace: namespace === undefined ? await ownNamespace(api) : objectName(namespace) },
    };
  } catch (error) {
    if (error instanceof KubeError) throw new UsageError(`--self-signed: ${error.message}`);
    throw error;
  }
}

/** They go into paths and certificates: nothing but what Kubernetes takes for a name (RFC 1123 subdomain). */
function objectName({ value, origin }: Given): string {
  if (value.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value)) return value;
  throw new UsageError(`${origin} takes the name of an object (small letters, digits, - and .), not ${JSON.stringify(value)}`);
}

function portOf(value: Given | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (/^\d{1,5}$/.test(value.value) && Number(value.value) <= 65_535) return Number(value.value);
  throw new UsageError(`${value.origin} takes a port, 0 to 65535, not ${JSON.stringify(value.value)}`);
}

function delayOf(value: Given | undefined, otherwiseMs: number): number {
  if (value === undefined) return otherwiseMs;
  const parts = /^(\d{1,5})(ms|s)$/.exec(value.value);
  const ms = Number(parts?.[1]) * (parts?.[2] === 's' ? 1000 : 1);
  if (ms <= MAX_DELAY_MS) return ms;
  throw new UsageError(`${value.origin} takes a duration of at most 60s, like 5s, not ${JSON.stringify(value.value)}`);
}

const MAX_DELAY_MS = 60_000;
