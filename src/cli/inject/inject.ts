import { resolve } from 'node:path';
import { EXIT, type Io, UsageError } from '../output.ts';
import { type Chunks, readSources } from './input.ts';
import { joinSources } from './join.ts';
import { type Note, noteLine } from './note.ts';
import { replaceFile } from './replace-file.ts';
import { injectSettings, settingsGiven } from './settings.ts';
import { type Streamed, transform } from './stream.ts';
import type { Mode } from './workloads.ts';

type Flags = Readonly<Record<string, unknown>>;

/** The standard input; a terminal is not read. */
export interface Input extends Chunks {
  readonly isTTY?: boolean;
}

type Output = 'stdout' | 'files' | 'none';

/**
 * `plumbline inject`: the sidecar into manifests, or out of them. The stream goes to stdout with everything that is not a workload byte for byte as it
 * was, a line for each thing done or refused to stderr. Where the input cannot be read, nothing is written at all. Throws UsageError.
 */
export async function inject(named: readonly string[], flags: Flags, io: Io, input: Input = process.stdin): Promise<number> {
  const output = outputOf(flags);
  const mode = modeOf(flags, io);
  const files = filesOf(named, output, input);
  const { sources, unreadable } = await readSources(files, io.cwd, () => input);
  for (const { file, message } of unreadable) io.stderr.write(`${file}: ${message}\n`);
  if (unreadable.length > 0) return EXIT.usage;
  const { texts, notes }: Streamed = transform(sources, mode);
  for (const note of notes) io.stderr.write(noteLine(note));
  if (notes.some(({ level }) => level === 'unreadable')) return EXIT.usage;
  if (notes.length === 0)
    io.stderr.write(`plumbline: ${mode.is === 'inject' ? 'no workload' : 'nothing that was injected'} in the input\n`);
  const changed = sources.filter(({ text }, i) => text !== texts[i]);
  if (output === 'stdout') io.stdout.write(joinSources(texts));
  if (output === 'files') {
    for (const [i, { text }] of sources.entries()) {
      const made = texts[i] as string;
      if (made === text) continue;
      const fault = replaceFile(resolve(io.cwd, files[i] as string), made);
      if (fault === undefined) continue;
      io.stderr.write(`${files[i]}: ${fault}\n`);
      return EXIT.usage;
    }
  }
  if (output === 'none') for (const { file } of changed) io.stderr.write(`${file}: would change\n`);
  const isFine = !notes.some(isRefusal) && (output !== 'none' || changed.length === 0);
  return isFine ? EXIT.ok : EXIT.notFine;
}

const isRefusal = ({ level }: Note): boolean => level === 'refused';

function outputOf(flags: Flags): Output {
  const [inPlace, check] = [flags.inPlace === true, flags.check === true];
  if (inPlace && check) throw new UsageError('--in-place and --check cannot go together: one writes, the other does not');
  return inPlace ? 'files' : check ? 'none' : 'stdout';
}

function modeOf(flags: Flags, io: Io): Mode {
  if (flags.uninject !== true) return { is: 'inject', settings: injectSettings(flags, io) };
  const given = settingsGiven(flags);
  if (given !== undefined) throw new UsageError(`${given} cannot go with --uninject: what was put in says itself how it is taken out`);
  return { is: 'uninject' };
}

function filesOf(named: readonly string[], output: Output, input: Input): readonly string[] {
  const files = named.length === 0 ? ['-'] : named;
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice !== undefined) throw new UsageError(`${twice} is named twice`);
  if (!files.includes('-')) return files;
  if (output === 'files') throw new UsageError('--in-place needs files; what comes on the standard input goes to the standard output');
  if (named.length === 0 && input.isTTY === true) throw new UsageError(NOTHING);
  return files;
}

const NOTHING = `nothing to inject: name files, or pipe manifests. Try one of
  plumbline inject deployment.yaml | kubectl apply -f -
  kustomize build overlays/production | plumbline inject --contract billing-openapi > all.yaml`;
