import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** Names under which packages keep what must go along with them. */
const NOTICE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/**
 * The licences of what is in the bundle, as one text: name, version and the notices of each package in `folders`. One that names a licence
 * and brings no text is told by its name. @throws where a package says nothing at all.
 */
export function licences(folders: readonly string[]): string {
  const all = new Map(folders.map(noticeOf));
  const heading = 'Plumbline is made with the packages below. What their authors ask to be told with them stands under each name.\n';
  return [heading, ...[...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, notice]) => `${name}\n\n${notice}\n`)].join(RULE);
}

function noticeOf(folder: string): [name: string, notice: string] {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const texts = readdirSync(folder)
    .filter((file) => NOTICE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0 && license === undefined) throw new Error(`${name}@${version} names no licence`);
  return [`${name} ${version} (${license ?? 'see below'})`, texts.length > 0 ? texts.join('\n\n') : `Licence: ${license}`];
}

const RULE = `\n${'-'.repeat(79)}\n`;
