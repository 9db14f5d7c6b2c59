import { get } from 'node:http';
import { localAdmin } from './admin-address.ts';
import { EXIT, type Io } from './output.ts';

/** Longest time that the gateway may take for its answer. Health checks of container engines give three seconds. */
const TIMEOUT_MS = 2000;

/**
 * `plumbline health`: asks `/readyz` of the gateway on this machine that was started with the same flags, variables and configuration.
 * Resolves with 0 where it is ready, else with 1 and the reason on stderr. For images, which have neither shell nor curl.
 * Throws UsageError where flags or variables give no address.
 */
export async function health(flags: Readonly<Record<string, unknown>>, io: Io, timeoutMs = TIMEOUT_MS): Promise<number> {
  const { origin } = await localAdmin(flags, io);
  const url = `${origin}/readyz`;
  const answer = await ask(url, timeoutMs);
  if (answer.status === 200) return EXIT.ok;
  io.stderr.write(`plumbline: ${url} ${answer.said}\n`);
  return EXIT.notFine;
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
