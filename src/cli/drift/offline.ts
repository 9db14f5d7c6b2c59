import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DriftReport } from '../../app/offline/drift-report.ts';
import { NAME, NAME_FORM } from '../../config/values.ts';
import { nameOf } from '../../config/without-file.ts';
import { printable } from '../../core/schema/show.ts';
import { given } from '../flags.ts';
import { type Io, UsageError, printProblems } from '../output.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Longest text that V8 holds is 512 MiB; an archive is read as one. */
const MAX_BYTES = 400 * 1024 * 1024;
const SHOWN_UNREAD = 5;

/** What recorded traffic and `--spec` have against each other. Throws UsageError where a file cannot be used. */
export async function offlineReport(files: readonly string[], flags: Flags, io: Io): Promise<DriftReport> {
  const spec = given('--spec', flags, io.env);
  if (spec === undefined) throw new UsageError('--spec is needed: the contract that the traffic is held against');
  const api = given('--api', flags, io.env)?.value ?? nameOf(spec.value);
  if (!NAME.test(api)) throw new UsageError(`--api takes the name of a contract: ${NAME_FORM}`);
  const [{ loadSpec }, { driftReport }, { readRecording }] = await Promise.all([
    import('../../app/offline/spec.ts'),
    import('../../app/offline/drift-report.ts'),
    import('../../app/offline/recordings.ts'),
  ]);
  const { contract, problems } = await loadSpec(resolve(io.cwd, spec.value), api);
  const errors = problems.filter(({ severity }) => severity === 'error');
  printProblems(io.stderr, errors, io);
  if (contract === undefined) throw new UsageError(`${printable(spec.value)} cannot be used; plumbline check tells all of it`);
  const recordings = [];
  for (const file of files) {
    const recording = readRecording(await textOf(file, io));
    if (recording === undefined)
      throw new UsageError(`${printable(file)} is no HTTP Archive, and no capture with an exchange on each line`);
    tellUnread(file, recording.unread, io);
    recordings.push(recording);
  }
  const report = await driftReport(
    contract,
    recordings.flatMap(({ exchanges }) => exchanges),
    { baseline: new Map(), host: given('--host', flags, io.env)?.value.toLowerCase() },
  );
  if (report.held === 0) throw new UsageError(nothingHeld(report, contract.hosts));
  return report;
}

function nothingHeld({ elsewhere }: DriftReport, hosts: ReadonlySet<string> | undefined): string {
  if (elsewhere === 0) return 'the traffic has no exchange: nothing was held against the contract';
  return `none of the ${elsewhere} exchanges went to ${[...(hosts ?? [])].join(' or ') || 'that host'}: nothing was held against the contract; --host says another`;
}

function tellUnread(file: string, unread: ReadonlyArray<{ readonly where: string; readonly why: string }>, io: Io): void {
  for (const { where, why } of unread.slice(0, SHOWN_UNREAD))
    io.stderr.write(`plumbline: ${printable(file)}, ${where}: left out, ${why}\n`);
  if (unread.length > SHOWN_UNREAD) io.stderr.write(`plumbline: ${printable(file)}: ${unread.length - SHOWN_UNREAD} more were left out\n`);
}

async function textOf(file: string, { cwd }: Io): Promise<string> {
  const path = resolve(cwd, file);
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new UsageError(`${printable(file)} is larger than ${MAX_BYTES / 1024 ** 2} MiB: cut it into several`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${printable(file)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}
