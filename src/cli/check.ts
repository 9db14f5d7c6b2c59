import { dirname, resolve } from 'node:path';
import type { CheckedContract } from '../app/check-contracts.ts';
import { keysByAddress } from '../config/keys-by-address.ts';
import { lintConfiguration } from '../config/lints/lints.ts';
import { withRepeatStories } from '../config/lints/repeats.ts';
import { readText } from '../config/load.ts';
import { parseConfiguration } from '../config/parse.ts';
import type { Problem } from '../config/problem.ts';
import type { ContractSettings, Settings } from '../config/settings.ts';
import { unknownOperations } from '../config/unknown-operations.ts';
import { nameOf } from '../config/without-file.ts';
import { type Checked, type Format, type Reporter, isFormat, REPORTERS } from './check/reporters.ts';
import { given, isOn } from './flags.ts';
import { EXIT, type Io, UsageError } from './output.ts';
import { looksLikeContract } from './sniff.ts';

const MAX_BYTES = 64 * 1024 * 1024;

export interface CheckOptions {
  readonly format: Format;
  /** Text: of many problems of one kind, show every one. */
  readonly shown: 'all' | 'some';
}

export function checkOptions(flags: Readonly<Record<string, unknown>>, { env }: Io): CheckOptions {
  const format = given('--format', flags, env);
  const json = isOn(given('--json', flags, env)?.value);
  if (format !== undefined && !isFormat(format.value))
    throw new UsageError(`${format.origin} takes ${Object.keys(REPORTERS).join(', ')}, not ${JSON.stringify(format.value)}`);
  if (json && format !== undefined && format.value !== 'json')
    throw new UsageError(`--json and ${format.origin} ${format.value} cannot go together`);
  return {
    format: json ? 'json' : ((format?.value as Format | undefined) ?? 'text'),
    shown: isOn(given('--all', flags, env)?.value) ? 'all' : 'some',
  };
}

/** `plumbline check`: every problem of configurations and contracts at once. */
export async function check(files: readonly string[], { format, shown }: CheckOptions, io: Io): Promise<number> {
  const checked: Checked[] = [];
  for (const file of files) checked.push(await checkFile(file, io));
  const report: Reporter = REPORTERS[format];
  report(checked, io, shown);
  const problems = checked.flatMap((one) => one.problems);
  if (problems.some(({ code }) => code === 'unreadable')) return EXIT.usage;
  return problems.every(({ severity }) => severity !== 'error') ? EXIT.ok : EXIT.notFine;
}

async function checkFile(file: string, io: Io): Promise<Checked> {
  const path = resolve(io.cwd, file);
  const read = await readText(path, file, MAX_BYTES);
  if ('problem' in read) return { file, problems: [read.problem], contracts: [], summary: '' };
  if (looksLikeContract(read.text)) return checkContract(file, path);
  const { settings, problems } = parseConfiguration({ text: read.text, file, dir: dirname(path), env: io.env });
  return settings === undefined ? { file, problems, contracts: [], summary: '' } : checkConfiguration(file, settings, problems);
}

/** A contract by itself, as a configuration that says no more than its path would take it. */
async function checkContract(file: string, path: string): Promise<Checked> {
  // As it was typed, and as `run --spec` would name it.
  const name = nameOf(file);
  const settings: ContractSettings = {
    name,
    protocol: 'openapi',
    path,
    refs: 'files',
    baseline: undefined,
    pollMs: 0,
    basePath: 'auto',
    formats: 'assert',
    onError: 'exit',
    owner: undefined,
    sla: undefined,
  };
  const { problems, contracts } = await loadContracts([settings], 0);
  const [one] = contracts;
  return { file, problems, contracts: contracts.map(({ contract }) => contract), summary: one === undefined ? '' : summaryOf(one) };
}

function summaryOf({ contract }: CheckedContract): string {
  const { name, version, operations, webhooks } = contract;
  const hooks = webhooks === undefined || webhooks.names.length === 0 ? [] : [count(webhooks.names.length, 'webhook')];
  return [
    `${name} ${version}`,
    ...(operations.length > 0 || hooks.length === 0 ? [count(operations.length, 'operation')] : []),
    ...hooks,
  ].join(', ');
}

async function checkConfiguration(file: string, settings: Settings, known: readonly Problem[]): Promise<Checked> {
  const { problems, contracts } = await loadContracts(Object.values(settings.contracts), settings.telemetry.limits.findings);
  const byName = new Map(contracts.map((one) => [one.contract.name, one]));
  const contractOf = (name: string): CheckedContract['contract'] | undefined => byName.get(name)?.contract;
  const summary = [
    count(settings.listeners.length, 'listener'),
    count(settings.routes.length, 'route'),
    count(contracts.length, 'contract'),
  ].join(', ');
  return {
    file,
    problems: [
      ...known,
      ...unknownOperations(settings, contractOf),
      ...keysByAddress(settings, (name) => byName.get(name)?.openMutations),
      ...lintConfiguration(settings, contractOf),
      ...eachOnce(withRepeatStories(problems, settings)),
    ],
    contracts: contracts.map(({ contract }) => contract),
    summary,
  };
}

/** Two contracts may be made of one document: what is wrong with it is told once. */
function eachOnce(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ code, file, pointer, message }) => {
    const key = JSON.stringify([code, file, pointer, message]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Loaded only now: a configuration with mistakes is reported without it. */
async function loadContracts(
  contracts: readonly ContractSettings[],
  findings: number,
): Promise<{ problems: readonly Problem[]; contracts: readonly CheckedContract[] }> {
  if (contracts.length === 0) return { problems: [], contracts: [] };
  const app = await import('../app/check-contracts.ts');
  return app.checkContracts(contracts, findings);
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
