import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../ci/child.ts';
import { type Container, start } from './container.ts';

/** Contracts are compiled and the start is forgotten by then. */
const IDLE_AFTER_MS = 10_000;
const ROUNDS = 5;

export interface Measured {
  /** Medians, from the start of the process to its first answer to a request, by the clock and by the processors' time. */
  readonly startMs: number;
  readonly cpuMs: number;
  /** Resident memory ten seconds after the last start: the least of all, as how much of the program is mapped depends on the kernel's mood. */
  readonly rssMb: number;
  /** Of it, what is not pages of files; median. */
  readonly ownMb: number;
  /** Each of them has pages of files that are mapped 2 MB at a time. */
  readonly inHugePages: boolean;
  readonly lines: readonly string[];
}

/** Starts the image's program with the billing contract five times. One after the other they start, together they are left alone. */
export async function measure(container: Container, upstream: string): Promise<Measured> {
  const running: Child[] = [];
  const starts: number[] = [];
  const cpu: number[] = [];
  try {
    for (let i = 0; i < ROUNDS; i++) {
      const begin = performance.now();
      const spec = [
        'run',
        '--spec',
        '/app/examples/billing/openapi.yaml',
        '--upstream',
        upstream,
        '--host',
        '127.0.0.1',
        '--port',
        '0',
        '--admin-port',
        '0',
      ];
      const gateway = start(container, [...container.config.entrypoint, ...spec]);
      running.push(gateway);
      await answered(`${await address(gateway)}/v1/payments?account_id=acct_123`);
      starts.push(Math.round(performance.now() - begin));
      cpu.push(cpuMsOf(gateway.process.pid as number));
    }
    await sleep(IDLE_AFTER_MS);
    const memory = running.map((gateway) => memoryOf(gateway.process.pid as number));
    return {
      startMs: median(starts),
      cpuMs: median(cpu),
      rssMb: Math.min(...memory.map(({ rssMb }) => rssMb)),
      ownMb: median(memory.map(({ ownMb }) => ownMb)),
      inHugePages: memory.every(({ hugeMb }) => hugeMb > 0),
      lines: [
        `start to first served request: ${starts.join(', ')} ms; processor time until then: ${cpu.join(', ')} ms`,
        `resident memory after 10 s idle: ${memory.map(({ rssMb }) => rssMb).join(', ')} MB; of that its own: ${memory.map(({ ownMb }) => ownMb).join(', ')} MB`,
      ],
    };
  } finally {
    for (const gateway of running) gateway.kill();
  }
}

/** As soon as it is said, and not at the next look. */
function address({ process: child, exited }: Child): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said += text;
      const url = / ingress +(http:\S+)\n/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    void exited.then((code) => reject(new Error(`it ended with ${code}:\n${said}`)));
  });
}

function answered(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume().on('end', resolve);
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
    });
    request.on('error', reject);
  });
}

interface Memory {
  readonly rssMb: number;
  /** Of it, what is not pages of files. */
  readonly ownMb: number;
  /** Pages of files that are mapped 2 MB at a time. */
  readonly hugeMb: number;
}

/** As the kernel counts it; a MB is 10⁶ bytes. */
function memoryOf(pid: number): Memory {
  const told = ['status', 'smaps_rollup'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join('\n');
  const mb = (name: string) => Math.round((Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(told)?.[1] ?? 0) * 1024) / 1e5) / 10;
  return { rssMb: mb('VmRSS'), ownMb: mb('RssAnon'), hugeMb: mb('FilePmdMapped') };
}

/** Of all its threads; the kernel counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}
