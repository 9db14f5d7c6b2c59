import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPath, versionOf } from './machine.ts';
import { type Case, type CaseName, CONNECTIONS, ID, STEADY_PER_SECOND } from './plan.ts';
import { launch, OTHER_CORE } from './processes.ts';
import { type Load, parseAutocannon, parseWrk } from './wrk-output.ts';

/** Puts load on `origin` for so long. @throws where the generator fails. */
export type LoadGenerator = (origin: string, what: Case, seconds: number) => Promise<Load>;

/** wrk, and autocannon where there is none: that one costs more than what it measures, so it flattens differences. */
export function loadGenerator(folder: string): { readonly name: string; readonly run: LoadGenerator } {
  return onPath('wrk')
    ? { name: `wrk ${versionOf('wrk', '-v')}`, run: wrk(folder) }
    : { name: 'autocannon 9.0.0 (no wrk here)', run: autocannon };
}

function wrk(folder: string): LoadGenerator {
  return async (origin, what, seconds) => {
    const script = join(folder, 'load.lua');
    const headers = Object.entries(what.headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
    const body = what.body === undefined ? '' : `wrk.body = ${lua(what.body)}`;
    const own = Object.entries(what.headers).filter(([, value]) => value.includes(ID));
    writeFileSync(script, [`wrk.method = ${lua(what.method)}`, ...headers, body, ...own.map(eachItsOwn), ''].join('\n'));
    const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '--latency', '-s', script, origin + what.path];
    return parseWrk(await output('wrk', args, seconds));
  };
}

/** A value of its own for each request, over all runs of the generator too. */
function eachItsOwn([name, value]: readonly [string, string]): string {
  const [before = '', after = ''] = value.split(ID);
  return `local n, run = 0, tostring(${process.hrtime.bigint()})
request = function()
  n = n + 1
  wrk.headers[${lua(name)}] = ${lua(before)} .. run .. "_" .. n .. ${lua(after)}
  return wrk.format()
end`;
}

const autocannon: LoadGenerator = async (origin, what, seconds) => {
  const bin = fileURLToPath(new URL('node_modules/autocannon/autocannon.js', import.meta.url));
  const headers = Object.entries(what.headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const body = what.body === undefined ? [] : ['-b', what.body];
  const args = [
    bin,
    '--json',
    '-c',
    String(CONNECTIONS),
    '-d',
    String(seconds),
    '-m',
    what.method,
    ...(Object.values(what.headers).some((value) => value.includes(ID)) ? ['-I'] : []),
    ...headers,
    ...body,
    origin + what.path,
  ];
  return parseAutocannon(await output(process.execPath, args, seconds));
};

/** The same load for everybody, from requests that come when they come (`open-loop.ts`). */
export async function steady(origin: string, name: CaseName, seconds: number): Promise<Load> {
  const script = fileURLToPath(new URL('open-loop.ts', import.meta.url));
  return JSON.parse(await output(process.execPath, [script, origin, name, String(STEADY_PER_SECOND), String(seconds)], seconds)) as Load;
}

async function output(command: string, args: readonly string[], seconds: number): Promise<string> {
  let text = '';
  const running = launch(command, args, {
    core: OTHER_CORE,
    onOutput: (more) => {
      text += more;
    },
  });
  await running.finished((seconds + 20) * 1000);
  if (text === '') throw new Error(`${command} said nothing. ${running.complaint}`);
  return text;
}

/** A string as Lua writes it: every byte that is not plain is escaped by number. */
function lua(text: string): string {
  return `"${text.replace(/[^ !#-[\]-~]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`)}"`;
}
