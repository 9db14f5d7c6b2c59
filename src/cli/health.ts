import { get } from 'node:http';
import type { Settings } from '../config/settings.ts';
import { given } from './flags.ts';
import { EXIT, type Io, UsageError } from './output.ts';
import { settingsSource } from './run-settings.ts';

/** Longest time that the gateway may take for its answer. Health checks of container engines give three seconds. */
const TIMEOUT_MS = 2000;

/**
 * `plumbline health`: asks `/readyz` of the gateway on this machine that was started with the same flags, variables and configuration.
 * Resolves with 0 where it is ready, else with 1 and the reason on stderr. For images, which have neither shell nor curl.
 * Throws UsageError where flags or variables give no address.
 */
export async function health(flags: Readonly<Record<string, unknown>>, io: Io, timeoutMs = TIMEOUT_MS): Promise<number> {
  const url = await readyUrl(flags, io);
  const answer = await ask(url, timeoutMs);
  if (answer.status === 200) return EXIT.ok;
  io.stderr.write(`plumbline: ${url} ${answer.said}\n`);
  return EXIT.notFine;
}

async function readyUrl(flags: Readonly<Record<string, unknown>>, io: Io): Promise<string> {
  const [host, port] = [given('--admin-host', flags, io.env), given('--admin-port', flags, io.env)];
  const file = host === undefined || port === undefined ? await configured(flags, io) : undefined;
  const where = host?.value ?? file?.host ?? '127.0.0.1';
  // What listens on every address is asked on the nearest.
  const near = where === '0.0.0.0' ? '127.0.0.1' : where === '::' ? '::1' : where;
  const url = `http://${near.includes(':') ? `[${near}]` : near}:${port?.value ?? file?.port ?? 7090}/readyz`;
  if (!URL.canParse(url)) throw new UsageError(`${(host ?? port)?.origin} gives no address: ${url}`);
  return url;
}

/** Undefined where there is none, or one that has become wrong since the start: that is no reason to call the gateway ill. */
async function configured(flags: Readonly<Record<string, unknown>>, io: Io): Promise<Settings['admin'] | undefined> {
  try {
    return (await settingsSource(flags, io).read()).settings?.admin;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

interface Answer {
  /** Undefined: none came. */
  readonly status: number | undefined;
  readonly said: string;
}

function ask(url: string, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, said: `answered ${response.statusCode}` });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const said =
        error.name === 'TimeoutError' || error.name === 'AbortError'
          ? `did not answer within ${timeoutMs} ms`
          : `cannot be asked: ${error.code ?? error.message}`;
      resolve({ status: undefined, said });
    });
  });
}
