import { readFileSync } from 'node:fs';
import type { Load } from '../../../bench/wrk-output.ts';
import { ask, sidecarPort } from '../sidecar/ask.ts';
import type { PlayedPod } from '../kubelet/pod.ts';
import { steadily } from './load-process.ts';

export interface Durations {
  readonly idleSeconds: number;
  readonly loadSeconds: number;
}

/** One life of a sidecar. Memory in MB of 10⁶ bytes, processors as a share of one. */
export interface Figures {
  /** From the start of its process to `/startupz` answering 200, by the clock and by the processor's time. */
  readonly startMs: number;
  readonly startCpuMs: number;
  readonly idleMb: number;
  /** Of it, what is not pages of files. */
  readonly idleOwnMb: number;
  readonly idleCpu: number;
  /** Median over the second half of the load, and the most of its life. */
  readonly loadedMb: number;
  readonly loadedOwnMb: number;
  readonly peakMb: number;
  /** Per 1,000 requests a second, over the second half of the load. */
  readonly loadedCpu: number;
  readonly load: Load;
}

export const PER_SECOND = 1000;
const LOOK_MS = 10;
const LOOK_UNDER_LOAD_MS = 100;

/** The pod has been told to run and nothing of it does yet; it is deleted afterwards. `container`: the sidecar's name. */
export async function lifeOf(pod: PlayedPod, port: number, { idleSeconds, loadSeconds }: Durations): Promise<Figures> {
  const slot = pod.slot('plumbline');
  const probes = sidecarPort(pod, 'plumbline');
  await pod.until(() => slot.running?.pid !== undefined, 'running', 10_000);
  const pid = slot.running?.pid as number;
  const from = performance.now();
  while ((await ask(pod.ip, probes, '/startupz')).status !== 200) await passing(LOOK_MS);
  const [startMs, startCpuMs] = [performance.now() - from, cpuMsOf(pid)];
  await pod.until(() => pod.ready, 'ready', 30_000);
  const beforeIdle = cpuMsOf(pid);
  await passing(idleSeconds * 1000);
  const idleCpu = (cpuMsOf(pid) - beforeIdle) / (idleSeconds * 1000);
  const idle = memoryOf(pid);
  let isOver = false;
  const loading = steadily(`http://${pod.ip}:${port}`, PER_SECOND, loadSeconds).finally(() => {
    isOver = true;
  });
  await passing((loadSeconds * 1000) / 2);
  const look = () => ({ ...memoryOf(pid), cpuMs: cpuMsOf(pid), atMs: performance.now() });
  const first = look();
  const seen = [first];
  while (!isOver) {
    await passing(LOOK_UNDER_LOAD_MS);
    // What comes when it is over is no load.
    if (!isOver) seen.push(look());
  }
  const last = seen.at(-1) ?? first;
  const loadedCpu = (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs) / (PER_SECOND / 1000);
  const load = await loading;
  const peakMb = memoryOf(pid).peakMb;
  await pod.delete();
  const [loadedMb, loadedOwnMb] = [median(seen.map(({ mb }) => mb)), median(seen.map(({ ownMb }) => ownMb))];
  return { startMs, startCpuMs, idleMb: idle.mb, idleOwnMb: idle.ownMb, idleCpu, loadedMb, loadedOwnMb, peakMb, loadedCpu, load };
}

/** As the kernel counts it: resident, pages of files with it and without; and the most that it ever was. */
function memoryOf(pid: number): { readonly mb: number; readonly ownMb: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string): number => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { mb: mb('VmRSS'), ownMb: mb('RssAnon'), peakMb: mb('VmHWM') };
}

/** Of all its threads; the kernel counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

function passing(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
