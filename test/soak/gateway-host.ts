/**
 * A gateway in a process of its own that can be asked what it holds: `node gateway-host.ts DIR FILE`. Over the channel to its parent it says where it
 * listens, and to `measure` what it has open after all garbage is gone; `drain` ends it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { startGateway } from '../../src/app/gateway.ts';
import { parseConfiguration } from '../../src/config/parse.ts';
import { usedHeapBytes } from '../kit/garbage.ts';

/** What a process holds. */
export interface Held {
  readonly heapBytes: number;
  /** The most that was ever resident. What is resident at the moment says less: V8 gives its young generation back and takes it again as it likes. */
  readonly peakRssBytes: number;
  /** Open files and sockets; −1 where the system does not tell. */
  readonly files: number;
  readonly timers: number;
}

export type FromHost = { readonly port: number; readonly adminUrl: string } | { readonly held: Held };

const say = (message: FromHost): void => void process.send?.(message);

async function held(): Promise<Held> {
  const heapBytes = await usedHeapBytes();
  let files = -1;
  try {
    files = readdirSync('/proc/self/fd').length;
  } catch {
    // no Linux
  }
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  return { heapBytes, peakRssBytes: peakRssBytes(), files, timers };
}

/** Of this program alone, by the high-water mark of Linux; elsewhere what is resident now. */
function peakRssBytes(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // no Linux
  }
  return process.memoryUsage().rss;
}

const [dir = '', file = ''] = process.argv.slice(2);
const { settings, problems } = parseConfiguration({ text: readFileSync(file, 'utf8'), file, dir, env: {} });
if (settings === undefined) throw new Error(problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
const gateway = await startGateway(settings);
process.on('message', (asked) => {
  if (asked === 'measure') void held().then((now) => say({ held: now }));
  else void gateway.drain().then(() => process.disconnect?.());
});
process.once('disconnect', () => void gateway.cut());
say({ port: Number(new URL(gateway.listeners[0]?.url ?? '').port), adminUrl: gateway.admin.url });
