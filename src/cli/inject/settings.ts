import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Path } from '../../inject/edit.ts';
import { type InjectSettings, describeProblem, parseInjectSettings } from '../../inject/settings.ts';
import { findLocated } from '../../inject/text/located.ts';
import { type OpenText, openText } from '../../inject/text/open-text.ts';
import { type Flag, given, isOn } from '../flags.ts';
import { type Io, UsageError } from '../output.ts';
import { SETTINGS_FLAGS } from './flags.ts';

type Flags = Readonly<Record<string, unknown>>;

const MAX_BYTES = 1024 * 1024;

/** Which key a flag says. */
const KEYS: ReadonlyArray<readonly [flag: string, key: string]> = [
  ['--contract', 'contract'],
  ['--config-map', 'config'],
  ['--api', 'api'],
  ['--port', 'port'],
  ['--enforce', 'enforce'],
  ['--owner', 'owner'],
  ['--log', 'log'],
  ['--image', 'image'],
  ['--image-pull-policy', 'imagePullPolicy'],
];

/** Flags over their variables over the file over the defaults. Throws UsageError, with every problem on a line of its own. */
export function injectSettings(flags: Flags, io: Io): InjectSettings {
  const file = sayOf('--settings', flags, io)?.value;
  const written = file === undefined ? undefined : readSettings(file, io);
  const said = new Map<string, { readonly value: string; readonly origin: string }>();
  for (const [flag, key] of KEYS) {
    const found = sayOf(flag, flags, io);
    if (found !== undefined) said.set(key, found);
  }
  const legacy = sayOf('--legacy', flags, io);
  if (legacy !== undefined && isOn(legacy.value)) said.set('form', { value: 'legacy', origin: legacy.origin });
  const { settings, problems } = parseInjectSettings({ ...withoutSource(written, said), ...valuesOf(said) });
  if (settings !== undefined) return settings;
  const nameOf = (path: Path): string => said.get(String(path[0]))?.origin ?? placeIn(path, written, file);
  throw new UsageError(problems.map((problem) => describeProblem(problem, nameOf)).join('\nplumbline: '));
}

/** Settings that `--uninject` would read and ignore. */
export function settingsGiven(flags: Flags): string | undefined {
  return SETTINGS_FLAGS.find(({ long }) => given(long, flags, {}) !== undefined)?.long;
}

function sayOf(long: string, flags: Flags, { env }: Io): { readonly value: string; readonly origin: string } | undefined {
  const flag = SETTINGS_FLAGS.find((one) => one.long === long) as Flag;
  return given(long, flags, flag.noVariable === true ? {} : env);
}

/** A flag names the contract, or the configuration, in the place of either in the file. */
function withoutSource(written: OpenText | undefined, said: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  const value = (written?.value ?? {}) as Readonly<Record<string, unknown>>;
  if (!said.has('contract') && !said.has('config')) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'contract' && key !== 'config'));
}

function valuesOf(said: ReadonlyMap<string, { readonly value: string }>): Readonly<Record<string, string>> {
  return Object.fromEntries([...said].map(([key, { value }]) => [key, value]));
}

function readSettings(file: string, { cwd }: Io): OpenText {
  const open = openText(readSmall(file, cwd));
  if ('fault' in open) throw new UsageError(`${file}: ${open.fault.message}`);
  if (typeof open.value !== 'object' || open.value === null || Array.isArray(open.value)) {
    throw new UsageError(`${file}: the settings are a mapping, as in docs/inject.md`);
  }
  return open;
}

function readSmall(file: string, cwd: string): string {
  const path = resolve(cwd, file);
  try {
    if (statSync(path).size > MAX_BYTES) throw new UsageError(`${file}: is larger than ${MAX_BYTES / 1024 ** 2} MiB`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as { readonly code?: string };
    throw new UsageError(code === 'ENOENT' ? `${file}: there is no such file` : `${file}: cannot be read: ${code ?? String(error)}`);
  }
}

function placeIn(path: Path, written: OpenText | undefined, file: string | undefined): string {
  if (written === undefined || file === undefined) return path.join('.');
  let at = written.root;
  for (let depth = path.length; depth > 0; depth -= 1) {
    const found = findLocated(written.root, path.slice(0, depth));
    if (found === undefined) continue;
    at = found;
    break;
  }
  const line = written.text.slice(0, at.start).split('\n').length;
  return `${file}:${line}: ${path.join('.')}`;
}
