import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type RecordedExchange, type UnreadEntry, readRecording } from '../../app/offline/recordings.ts';
import { printable } from '../../core/schema/show.ts';
import { type Io, UsageError } from '../output.ts';

/** Longest text that V8 holds is 512 MiB; an archive is read as one. */
const MAX_BYTES = 400 * 1024 * 1024;
const SHOWN_UNREAD = 5;

/** The exchanges of files; what of them is none is told on stderr. Throws UsageError where a file cannot be read, or holds no traffic. */
export async function readTraffic(files: readonly string[], io: Io): Promise<readonly RecordedExchange[]> {
  const all: RecordedExchange[] = [];
  for (const file of files) {
    const recording = readRecording(await textOf(file, io));
    if (recording === undefined)
      throw new UsageError(`${printable(file)} is no HTTP Archive, and no capture with an exchange on each line`);
    tellUnread(file, recording.unread, io);
    for (const exchange of recording.exchanges) all.push(exchange);
  }
  if (all.length === 0) throw new UsageError('the traffic has no exchange: nothing was held against the contract');
  return all;
}

function tellUnread(file: string, unread: readonly UnreadEntry[], io: Io): void {
  for (const { where, why } of unread.slice(0, SHOWN_UNREAD))
    io.stderr.write(`plumbline: ${printable(file)}, ${where}: left out, ${why}\n`);
  if (unread.length > SHOWN_UNREAD) io.stderr.write(`plumbline: ${printable(file)}: ${unread.length - SHOWN_UNREAD} more were left out\n`);
}

async function textOf(file: string, { cwd }: Io): Promise<string> {
  try {
    await using handle = await open(resolve(cwd, file), 'r');
    const stat = await handle.stat();
    // A pipe or a device would never end.
    if (!stat.isFile()) throw new UsageError(`${printable(file)} is not a file`);
    if (stat.size > MAX_BYTES) throw new UsageError(`${printable(file)} is larger than ${MAX_BYTES / 1024 ** 2} MiB: cut it into several`);
    return await handle.readFile('utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${printable(file)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}
