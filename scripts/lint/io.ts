import type { Import } from './imports.ts';
import type { Problem } from './problem.ts';

/** Modules that reach out of the process, or keep something outside it. */
const IO_MODULES = new Set(
  'child_process cluster dgram dns fs http http2 https inspector net readline repl sqlite tls tty wasi worker_threads'.split(' '),
);
const IO_PACKAGES = new Set(['undici', 'fastify', 'pino', 'ioredis', '@prometheus-io/client']);

/** What a policy or a contract may take from node:crypto: functions of their input alone. */
const PURE_CRYPTO = new Set(['createHash', 'createHmac', 'hash', 'timingSafeEqual']);

const PURE_LAYERS = /^src\/(core|policies|contracts|observation|evolution|pipeline|inject)\//;

/** No I/O in what decides: contracts get their bytes through `read(uri)`, everything else comes through the ports of core. */
export function checkIo(file: string, imports: readonly Import[]): Problem[] {
  const pure = PURE_LAYERS.test(file);
  const loads = file.startsWith('src/config/') && !/^src\/config\/load[^/]*\.ts$/.test(file);
  if (file.endsWith('.test.ts') || (!pure && !loads)) return [];
  return imports.flatMap(({ specifier, line, typeOnly, names }) => {
    if (specifier === undefined || typeOnly) return [];
    const problem = (message: string): Problem[] => [{ file, line, rule: 'io', message }];
    const module = specifier.replace(/^node:/, '').split('/')[0] as string;
    const where = loads ? 'only src/config/load*.ts reads files' : 'I/O belongs to src/adapters and comes in through a port';
    if (IO_MODULES.has(module) || IO_PACKAGES.has(specifier)) return problem(`${specifier} does I/O (${where})`);
    if (pure && module === 'crypto') {
      const impure = names.filter((name) => !PURE_CRYPTO.has(name));
      if (impure.length > 0) {
        return problem(
          `${specifier}: take ${[...PURE_CRYPTO].join(', ')} by name, not ${impure.join(', ')} (nothing else is a function of its input)`,
        );
      }
    }
    return [];
  });
}
