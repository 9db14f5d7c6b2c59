import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readBaselineFile } from '../../app/baselines.ts';
import { configuredSubject, wantedOf } from '../../app/offline/configured.ts';
import { type Subject, subjectOf } from '../../app/offline/lane.ts';
import { type SpecSettings, loadSpec, specSettings } from '../../app/offline/spec.ts';
import type { Problem } from '../../config/problem.ts';
import { NAME, NAME_FORM } from '../../config/values.ts';
import { type Given, nameOf } from '../../config/without-file.ts';
import type { Contract } from '../../core/contract.ts';
import { isUrl } from '../../core/fetched-url.ts';
import { printable } from '../../core/schema/show.ts';
import { given } from '../flags.ts';
import { type Io, UsageError, printProblems } from '../output.ts';
import { DEFAULT_FILE, firstSettings, settingsSource } from '../run-settings.ts';

type Flags = Readonly<Record<string, unknown>>;

/** What recorded traffic is held against: `--spec`, or a configuration with all that it says. Throws UsageError where that cannot be used. */
export async function subjectFor(flags: Flags, io: Io): Promise<Subject> {
  const spec = specOf(flags, io);
  return spec === undefined ? configured(flags, io) : alone(spec, flags, io);
}

/** A flag wins over the variables of both. */
function specOf(flags: Flags, { env, cwd }: Io): Given | undefined {
  const [spec, config] = [given('--spec', flags, {}), given('--config', flags, {})];
  if (spec !== undefined && config !== undefined) throw new UsageError('--spec cannot go with --config: a configuration says it itself');
  if (spec !== undefined || config !== undefined) return spec;
  const [fromEnv, configFromEnv] = [given('--spec', {}, env), given('--config', {}, env)];
  if (fromEnv === undefined && configFromEnv === undefined && !existsSync(resolve(cwd, DEFAULT_FILE)))
    throw new UsageError('--spec is needed, the contract that the traffic is held against; or --config, a configuration that names it');
  return fromEnv;
}

async function alone(spec: Given, flags: Flags, io: Io): Promise<Subject> {
  const listener = given('--listener', flags, {});
  if (listener !== undefined) throw new UsageError('--listener needs --config: it is one of a configuration');
  const api = given('--api', flags, io.env);
  const name = api?.value ?? nameOf(spec.value);
  if (!NAME.test(name)) throw new UsageError(`${api?.origin ?? '--api'} takes the name of a contract: ${NAME_FORM}`);
  const contract = await loaded(specSettings(name, isUrl(spec.value) ? spec.value : resolve(io.cwd, spec.value)), spec.value, io);
  return subjectOf(contract, await baselineOf(name, given('--baseline', flags, io.env), undefined, io));
}

async function configured(flags: Flags, io: Io): Promise<Subject> {
  const { config } = flags;
  const { settings, problems } = await firstSettings(settingsSource({ config }, io));
  printErrors(problems, io);
  if (settings === undefined) throw new UsageError('the configuration cannot be used; plumbline check tells all of it');
  const [api, listener] = [given('--api', flags, io.env), given('--listener', flags, io.env)];
  const wanted = wantedOf(settings, api?.value, listener?.value);
  if (typeof wanted === 'string') throw new UsageError(printable(wanted));
  const { name, path, baseline } = wanted.contract;
  const contract = await loaded(wanted.contract, path, io);
  return configuredSubject(wanted, contract, await baselineOf(name, given('--baseline', flags, io.env), baseline, io));
}

async function loaded(settings: SpecSettings, shown: string, io: Io): Promise<Contract> {
  const { contract, problems } = await loadSpec(settings);
  printErrors(problems, io);
  if (contract === undefined) throw new UsageError(`${printable(shown)} cannot be used; plumbline check tells all of it`);
  return contract;
}

/** Notes by id. What somebody says now stands in place of the configuration's. Throws UsageError where the file is no baseline. */
async function baselineOf(
  contract: string,
  said: Given | undefined,
  fromConfig: string | undefined,
  io: Io,
): Promise<ReadonlyMap<string, string>> {
  const path = said === undefined ? fromConfig : resolve(io.cwd, said.value);
  if (path === undefined) return new Map();
  const { entries, problems } = await readBaselineFile({ name: contract, baseline: path }, 0);
  // What is left out of it with a warning would be told as new: whoever reads the report must know why.
  printProblems(io.stderr, problems, io);
  if (problems.some(({ severity }) => severity === 'error'))
    throw new UsageError(`${printable(said?.value ?? path)} cannot be used as a baseline`);
  return entries;
}

function printErrors(problems: readonly Problem[], io: Io): void {
  printProblems(
    io.stderr,
    problems.filter(({ severity }) => severity === 'error'),
    io,
  );
}
