import { StartError } from '../app/start-error.ts';
import type { Settings } from '../config/settings.ts';
import type { SettingsSource } from '../config/source.ts';
import { EXIT, type Io, coloursFor, printProblems } from './output.ts';
import { firstSettings, settingsSource } from './run-settings.ts';

/** What `run` needs of a gateway that has started. */
export interface RunningGateway {
  /** With their real addresses, also where the port was 0. */
  readonly listeners: ReadonlyArray<{ readonly name: string; readonly url: string }>;
  readonly admin: { readonly url: string };
  readonly probes: { readonly url: string } | undefined;
  /** Reads the configuration again; resolves when that is over, whatever came of it. */
  reload(): Promise<void>;
  /** Finishes what is in flight within the grace; resolves when all is closed. */
  drain(): Promise<void>;
  /** Cuts what is in flight; resolves when all is closed. */
  cut(): Promise<void>;
  /** Settles when the gateway has ended, for whatever reason. */
  readonly closed: Promise<void>;
}

/** What tests put in place of the real thing. */
export interface RunParts {
  readonly start: (settings: Settings, source: SettingsSource) => Promise<RunningGateway>;
  /** The process: who emits SIGTERM, SIGINT and SIGHUP. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Milliseconds, never set back. */
  readonly now: () => number;
}

/** `plumbline run`: resolves with the exit code once the gateway has ended. */
export async function run(
  flags: Readonly<Record<string, unknown>>,
  io: Io,
  parts: RunParts = { start: startGateway, signals: process, now: () => performance.now() },
): Promise<number> {
  const source = settingsSource(flags, io);
  // From the start on: without somebody who listens, SIGHUP ends the process.
  let hangUp = (): void => {
    hungUp = true;
  };
  let hungUp = false;
  const onHangUp = (): void => hangUp();
  parts.signals.on('SIGHUP', onHangUp);
  try {
    const gateway = await start(source, parts, io);
    if (gateway === undefined) return EXIT.usage;
    announce(gateway, io);
    hangUp = () => void gateway.reload();
    if (hungUp) hangUp();
    return await untilStopped(gateway, parts, io);
  } finally {
    parts.signals.off('SIGHUP', onHangUp);
  }
}

/** Undefined: it cannot start, and why has been said. */
async function start(source: SettingsSource, parts: RunParts, io: Io): Promise<RunningGateway | undefined> {
  const { settings, problems } = await firstSettings(source);
  printProblems(io.stderr, problems, io);
  if (settings === undefined) return undefined;
  try {
    return await parts.start(settings, source);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    if (error.problems.length > 0) printProblems(io.stderr, error.problems, io);
    else io.stderr.write(`plumbline: ${error.message}\n`);
    return undefined;
  }
}

/** Loaded only now: `--help`, and a configuration with mistakes, need none of it. */
async function startGateway(settings: Settings, source: SettingsSource): Promise<RunningGateway> {
  const app = await import('../app/gateway.ts');
  return app.startGateway(settings, source);
}

/** On stderr: stdout carries the access log. */
function announce({ listeners, admin, probes }: RunningGateway, io: Io): void {
  const all = [...listeners, { name: 'admin', url: admin.url }, ...(probes === undefined ? [] : [{ name: 'probes', url: probes.url }])];
  const width = Math.max(...all.map(({ name }) => name.length));
  const { strong, dim } = coloursFor(io.stderr, io.env);
  for (const { name, url } of all) io.stderr.write(`${dim('plumbline')} ${name.padEnd(width)} ${strong(url)}\n`);
}

/** SIGTERM and Ctrl-C end it gracefully; a second Ctrl-C at once. */
export function untilStopped(
  gateway: Pick<RunningGateway, 'drain' | 'cut' | 'closed'>,
  { signals, now }: Pick<RunParts, 'signals' | 'now'>,
  io: Io,
): Promise<number> {
  return new Promise((resolve, reject) => {
    /** When the end was first asked for. */
    let askedAt: number | undefined;
    const done = (code: number): void => {
      signals.off('SIGTERM', onSignal);
      signals.off('SIGINT', onSignal);
      resolve(code);
    };
    const onSignal = (signal: NodeJS.Signals): void => {
      if (askedAt !== undefined) {
        // Ctrl-C reaches a whole process group, and npx passes it on besides: what comes at once is the same key.
        if (signal !== 'SIGINT' || now() - askedAt <= SAME_KEY_MS) return;
        // What is cut still has its line in the log; but nobody is made to wait for it.
        const patience = setTimeout(() => done(EXIT.interrupted), CUT_MS);
        gateway
          .cut()
          .then(() => done(EXIT.interrupted), reject)
          .finally(() => clearTimeout(patience));
        return;
      }
      askedAt = now();
      const hint = signal === 'SIGINT' ? '; again to stop at once' : '';
      io.stderr.write(`plumbline: ${signal}: finishing what is in flight${hint}\n`);
      gateway.drain().then(() => done(EXIT.ok), reject);
    };
    signals.on('SIGTERM', onSignal);
    signals.on('SIGINT', onSignal);
    gateway.closed.then(() => done(EXIT.ok), reject);
  });
}

const SAME_KEY_MS = 500;
const CUT_MS = 1000;
