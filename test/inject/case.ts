import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { inject } from '../../src/cli/inject/inject.ts';
import type { Output } from '../../src/cli/output.ts';

const FOLDER = join(import.meta.dirname, 'cases');

export const CASES: readonly string[] = readdirSync(FOLDER).sort();

export interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** `plumbline inject`, with a text on its standard input; `flags` as they are typed, each with its value behind it. */
export async function injectText(text: string, flags: readonly string[]): Promise<Ended> {
  const [stdout, stderr] = [new Written(), new Written()];
  const code = await inject([], parsed(flags), { stdout, stderr, env: {}, cwd: FOLDER }, Readable.from([Buffer.from(text)]));
  return { out: stdout.text, err: stderr.text, code };
}

class Written implements Output {
  text = '';

  write(more: string): void {
    this.text += more;
  }
}

/** As the command line's parser gives them. */
function parsed(flags: readonly string[]): Record<string, string | true> {
  const found: Record<string, string | true> = {};
  for (const [i, flag] of flags.entries()) {
    if (!flag.startsWith('--')) continue;
    const next = flags[i + 1];
    const key = flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    found[key] = next === undefined || next.startsWith('--') ? true : next;
  }
  return found;
}

export function fileOf(name: string, file: string): string {
  return readFileSync(join(FOLDER, name, file), 'utf8');
}

/** One on a line in the file `args`; none where there is no such file. */
export function flagsOf(name: string): readonly string[] {
  return existsSync(join(FOLDER, name, 'args'))
    ? fileOf(name, 'args')
        .split('\n')
        .filter((line) => line !== '')
    : [];
}

/** What a case's files must hold. */
export async function outcomeOf(name: string): Promise<Readonly<Record<'out.yaml' | 'notes.txt', string>>> {
  const flags = flagsOf(name);
  const { out, err, code } = await injectText(fileOf(name, 'in.yaml'), flags);
  const command = ['plumbline inject', ...flags].join(' ');
  return { 'out.yaml': out, 'notes.txt': `$ ${command} < in.yaml > out.yaml\n${err}exit ${code}\n` };
}
