import { StartError } from '../app/start-error.ts';
import type { Settings } from '../config/settings.ts';
import { EXIT, type Io, coloursFor, printProblems } from './output.ts';
import { runSettings } from './run-settings.ts';

/** What `run` needs of a gateway that has started. */
export interface RunningGateway {
  /** With their real addresses, also where the port was 0. */
  readonly listeners: ReadonlyArray<{ readonly name: string; readonly url: string }>;
  readonly admin: { readonly url: string };
  readonly probes: { readonly url: string } | undefined;
  /** Finishes what is in flight within the grace; resolves when all is closed. */
  drain(): Promise<void>;
  /** Settles when the gateway has ended, for whatever reason. */
  readonly closed: Promise<void>;
}

/** What tests put in place of the real thing. */
export interface RunParts {
  readonly start: (settings: Settings) => Promise<RunningGateway>;
  /** The process: who emits SIGTERM and SIGINT. */
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
  const { settings, problems } = await runSettings(flags, io);
  printProblems(io.stderr, problems, io);
  if (settings === undefined) return EXIT.usage;
  let gateway: RunningGateway;
  try {
    gateway = await parts.start(settings);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    if (error.problems.length > 0) printProblems(io.stderr, error.problems, io);
    else io.stderr.write(`plumbline: ${error.message}\n`);
    return EXIT.usage;
  }
  announce(gateway, io);
  return untilStopped(gateway, parts, io);
}

/** Loaded only now: `--help`, and a configuration with mistakes, need none of it. */
async function startGateway(settings: Settings): Promise<RunningGateway> {
  const app = await import('../app/gateway.ts');
  return app.startGateway(settings);
}

/** On stderr: stdout carries the access log. */
function announce({ listeners, admin, probes }: RunningGateway, io: Io): void {
  const all = [...listeners, { name: 'admin', url: admin.url }, ...(probes === undefined ? [] : [{ name: 'probes', url: probes.url }])];
  const width = Math.max(...all.map(({ name }) => name.length));
  const { strong, dim } = coloursFor(io.stderr, io.env);
  for (const { name, url } of all) io.stderr.write(`${dim('plumbline')} ${name.padEnd(width)} ${strong(url)}\n`);
}

/** SIGTERM and Ctrl-C end it gracefully; a second Ctrl-C at once. */
function untilStopped(gateway: RunningGateway, { signals, now }: RunParts, io: Io): Promise<number> {
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
        if (signal === 'SIGINT' && now() - askedAt > SAME_KEY_MS) done(EXIT.interrupted);
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
