import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Override } from '../config/overrides.ts';
import type { Parsed } from '../config/parse.ts';
import type { Problem } from '../config/problem.ts';
import { FileSource, type SettingsSource, TextSource, WordsSource } from '../config/source.ts';
import type { Given } from '../config/without-file.ts';
import { type Flag, given } from './flags.ts';
import { type Io, UsageError } from './output.ts';

export const RUN_FLAGS: readonly Flag[] = [
  { long: '--config', short: '-c', value: '<file>', text: 'configuration (default: plumbline.yaml, where there is one)' },
  { long: '--spec', value: '<file>', text: 'without a configuration: the OpenAPI contract; a file, a directory or a URL' },
  { long: '--upstream', value: '<url>', text: 'without a configuration: the service, http://host:port' },
  {
    long: '--enforce',
    value: '<side>',
    text: 'without a configuration: refuse what breaks the contract: request, response or both (default: report only)',
  },
  { long: '--host', value: '<address>', text: 'address to listen on (default: ::, every address)' },
  { long: '--port', value: '<port>', text: 'port to listen on, 0 for any (default: 7080)' },
  { long: '--admin-host', value: '<address>', text: 'address of health, metrics and API (default: 127.0.0.1)' },
  { long: '--admin-port', value: '<port>', text: 'port of health, metrics and API (default: 7090)' },
  { long: '--admin-token', value: '<token>', text: 'token for the API; better said in the variable' },
  { long: '--access-log', value: '<where>', text: 'off, stdout or a path (default: stdout)' },
];

const OVERRIDES: ReadonlyArray<readonly [string, Override['key']]> = [
  ['--host', 'host'],
  ['--port', 'port'],
  ['--admin-host', 'adminHost'],
  ['--admin-port', 'adminPort'],
  ['--admin-token', 'adminToken'],
  ['--access-log', 'accessLog'],
];

export const DEFAULT_FILE = 'plumbline.yaml';

/** Holds a whole configuration, for a container that has no file of its own. No flag says it: nobody types one. */
export const CONFIG_TEXT = 'PLUMBLINE_CONFIG_YAML';

/** Flags over environment over file over defaults, at every reading. Throws UsageError where they do not go together. */
export function settingsSource(flags: Readonly<Record<string, unknown>>, { env, cwd }: Io): SettingsSource {
  const of = (long: string): Given | undefined => given(long, flags, env);
  const overrides = OVERRIDES.flatMap(([long, key]): Override[] => {
    const value = of(long);
    return value === undefined
      ? []
      : [{ key, value: key === 'accessLog' ? fromHere(value.value, cwd) : value.value, origin: value.origin }];
  });
  const [config, spec, upstream, enforce] = [of('--config'), of('--spec'), of('--upstream'), of('--enforce')];
  const alone = spec ?? upstream ?? enforce;
  const text = env[CONFIG_TEXT];
  if (text !== undefined && text !== '') {
    const other = config ?? alone;
    if (other !== undefined) throw new UsageError(`${other.origin} cannot go with ${CONFIG_TEXT}: that is the whole configuration`);
    return new TextSource({ text, file: CONFIG_TEXT, dir: cwd, env, overrides });
  }
  if (config !== undefined && alone !== undefined) {
    throw new UsageError(`${alone.origin} cannot go with ${config.origin}: a configuration says it itself`);
  }
  if (config !== undefined) return new FileSource({ file: config.value, cwd, env, overrides });
  if (alone === undefined) {
    if (!existsSync(resolve(cwd, DEFAULT_FILE))) throw new UsageError(NOTHING_TO_RUN);
    return new FileSource({ file: DEFAULT_FILE, cwd, env, overrides });
  }
  if (spec === undefined) throw new UsageError(`${alone.origin} needs --spec, the OpenAPI contract`);
  if (upstream === undefined) throw new UsageError(`${spec.origin} needs --upstream, the service: --upstream http://127.0.0.1:3000`);
  if (enforce !== undefined && !['request', 'response', 'both'].includes(enforce.value)) {
    throw new UsageError(`${enforce.origin} takes request, response or both, not ${JSON.stringify(enforce.value)}`);
  }
  return new WordsSource({ spec, upstream, enforce }, { dir: cwd, overrides });
}

/** The first reading. Throws UsageError where the configuration is a contract: a slip of the command line. */
export async function firstSettings(source: SettingsSource): Promise<Parsed> {
  const parsed = await source.read();
  const contract = parsed.problems.find(isContractKey)?.file;
  if (contract === undefined) return parsed;
  if (contract === CONFIG_TEXT) throw new UsageError(`${contract} holds a contract, not a configuration`);
  throw new UsageError(`${contract} is a contract, not a configuration: --spec ${contract} --upstream http://127.0.0.1:3000`);
}

/** The first key of every contract, and none of a configuration. */
function isContractKey({ code, pointer }: Problem): boolean {
  return code === 'unknown_key' && (pointer === '/openapi' || pointer === '/swagger');
}

/** A path on the command line is meant from where it was typed, not from where the configuration is. */
function fromHere(value: string, cwd: string): string {
  return /[/.]/.test(value) ? resolve(cwd, value) : value;
}

const NOTHING_TO_RUN = `nothing to run: there is no ${DEFAULT_FILE} here. Try one of
  plumbline run --spec openapi.yaml --upstream http://127.0.0.1:3000
  plumbline run --config ${DEFAULT_FILE}
  plumbline demo`;
