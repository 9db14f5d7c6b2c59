import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Directories } from './directories.ts';

let dir: string;
const open: Directories[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-directories-'));
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Watches files of the directory by name; counts what it is told. */
function watching(...names: string[]) {
  const told = { events: 0, blind: [] as string[] };
  const directories = new Directories({
    onEvent: () => {
      told.events += 1;
    },
    onBlind: (directory, code) => void told.blind.push(`${directory} ${code}`),
  });
  open.push(directories);
  directories.watch(names.map((name) => join(dir, name)));
  return Object.assign(told, { directories });
}

const event = (of: { events: number }): Promise<void> => expect.poll(() => of.events, { timeout: 5000 }).toBeGreaterThan(0);

describe('a file is seen', () => {
  beforeEach(() => writeFileSync(join(dir, 'a'), '1'));

  it.each<[string, () => void]>([
    ['written in place', () => writeFileSync(join(dir, 'a'), '2')],
    [
      'renamed over',
      () => {
        writeFileSync(join(dir, 'new'), '2');
        renameSync(join(dir, 'new'), join(dir, 'a'));
      },
    ],
    ['removed', () => rmSync(join(dir, 'a'))],
    [
      'swapped behind the link of a mounted volume',
      () => {
        mkdirSync(join(dir, '..v2'));
        symlinkSync('..v2', join(dir, '..data_tmp'));
        renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
      },
    ],
  ])('%s', async (_, change) => {
    const told = watching('a');
    change();
    await event(told);
  });

  it('that was not there when the watch began', async () => {
    const told = watching('later');
    writeFileSync(join(dir, 'later'), '1');
    await event(told);
  });

  it('in a directory that was replaced, once it is watched anew', async () => {
    const told = watching('in/a');
    mkdirSync(join(dir, 'in'));
    told.directories.watch([join(dir, 'in/a')]);
    writeFileSync(join(dir, 'in/a'), '1');
    await event(told);
  });
});

describe('nothing is told', () => {
  it('of other files of the directory', async () => {
    const [mine, others] = [watching('a'), watching('other')];
    writeFileSync(join(dir, 'other'), '1');
    await event(others);
    // Events come in the order in which they happened, to every watch: had there been one, it would be here.
    expect(mine.events).toBe(0);
  });

  it('of a directory that is not there', () => {
    expect(watching('absent/a').blind).toEqual([]);
  });
});
