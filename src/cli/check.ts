import { dirname, resolve } from 'node:path';
import type { CheckedContract } from '../app/check-contracts.ts';
import { readText } from '../config/load.ts';
import { parseConfiguration } from '../config/parse.ts';
import type { Problem } from '../config/problem.ts';
import type { ContractSettings, Settings } from '../config/settings.ts';
import { keysByAddress } from '../config/keys-by-address.ts';
import { unknownOperations } from '../config/unknown-operations.ts';
import { nameOf } from '../config/without-file.ts';
import { EXIT, type Io, coloursFor, printProblems, shortPath } from './output.ts';
import { looksLikeContract } from './sniff.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** What was found about one file of the command line. */
interface Checked {
  readonly file: string;
  readonly problems: readonly Problem[];
  readonly contracts: readonly CheckedContract[];
  /** What it holds, where it holds no mistakes. */
  readonly summary: string;
}

/** `plumbline check`: every problem of configurations and contracts at once. */
export async function check(files: readonly string[], flags: { readonly json: boolean }, io: Io): Promise<number> {
  const checked: Checked[] = [];
  for (const file of files) checked.push(await checkFile(file, io));
  const problems = checked.flatMap((one) => one.problems);
  const ok = problems.every(({ severity }) => severity !== 'error');
  if (flags.json) printJson(ok, problems, checked, io);
  else printReport(checked, io);
  if (problems.some(({ code }) => code === 'unreadable')) return EXIT.usage;
  return ok ? EXIT.ok : EXIT.notFine;
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
  const contract: ContractSettings = {
    name,
    protocol: 'openapi',
    path,
    basePath: 'auto',
    formats: 'assert',
    onError: 'exit',
    owner: undefined,
    sla: undefined,
  };
  const { problems, contracts } = await loadContracts([contract]);
  const [one] = contracts;
  const summary = one === undefined ? '' : `${one.name} ${one.version}, ${count(one.operations.length, 'operation')}`;
  return { file, problems, contracts, summary };
}

async function checkConfiguration(file: string, settings: Settings, known: readonly Problem[]): Promise<Checked> {
  const { problems, contracts } = await loadContracts(Object.values(settings.contracts));
  const unknown = unknownOperations(settings, (name) => contracts.find((one) => one.name === name)?.operations);
  const doubtful = keysByAddress(settings, (name) => contracts.find((one) => one.name === name)?.openMutations);
  const summary = [
    count(settings.listeners.length, 'listener'),
    count(settings.routes.length, 'route'),
    count(contracts.length, 'contract'),
  ].join(', ');
  return { file, problems: [...known, ...unknown, ...doubtful, ...problems], contracts, summary };
}

/** Loaded only now: a configuration with mistakes is reported without it. */
async function loadContracts(
  contracts: readonly ContractSettings[],
): Promise<{ problems: readonly Problem[]; contracts: readonly CheckedContract[] }> {
  if (contracts.length === 0) return { problems: [], contracts: [] };
  const app = await import('../app/check-contracts.ts');
  return app.checkContracts(contracts);
}

function printJson(ok: boolean, problems: readonly Problem[], checked: readonly Checked[], io: Io): void {
  const contracts = checked
    .flatMap((one) => one.contracts)
    .map(({ openMutations: _, ...one }) => ({ ...one, operations: one.operations.length }));
  const shown = problems.map((problem) => ({ ...problem, file: shortPath(problem.file, io.cwd) }));
  io.stdout.write(`${JSON.stringify({ ok, problems: shown, contracts }, null, 2)}\n`);
}

function printReport(checked: readonly Checked[], io: Io): void {
  const { error, strong, dim } = coloursFor(io.stdout, io.env);
  for (const { file, problems, summary } of checked) {
    const failed = problems.some(({ severity }) => severity === 'error');
    io.stdout.write(failed ? `${error('✗')} ${strong(file)}\n` : `✓ ${strong(file)} ${dim(summary)}\n`);
    printProblems(io.stdout, problems, io);
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
