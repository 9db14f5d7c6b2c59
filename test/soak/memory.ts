import type { GatewayProcess } from '../kit/gateway-process.ts';

export const MIB = 1024 * 1024;

/** Resident memory of a gateway, in bytes. */
export interface Growth {
  /** As it had started, before the first request. */
  readonly coldBytes: number;
  /** After the warm-up. */
  readonly warmBytes: number;
  /** The most that was seen while the work was done. */
  readonly peakBytes: number;
  /** Of the work alone. */
  readonly seconds: number;
}

const LOOK_MS = 50;

/** Any work makes the young generation grow to its 32 MB (bin/plumbline.js): what is asked is what the traffic adds, so it is warmed up first. */
export async function growthOf(gateway: GatewayProcess, warmUp: () => Promise<void>, work: () => Promise<void>): Promise<Growth> {
  const coldBytes = await gateway.rssBytes();
  await warmUp();
  const warmBytes = await gateway.rssBytes();
  let peakBytes = warmBytes;
  const look = async (): Promise<void> => {
    peakBytes = Math.max(peakBytes, await gateway.rssBytes());
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);
  const from = performance.now();
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  const seconds = (performance.now() - from) / 1000;
  await looking;
  await look();
  return { coldBytes, warmBytes, peakBytes, seconds };
}

/** For people. */
export function told(name: string, bytesEachWay: number, { coldBytes, warmBytes, peakBytes, seconds }: Growth): string {
  const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
  const rate = bytesEachWay / MIB / seconds;
  return (
    `${name}: ${mib(bytesEachWay)} each way in ${seconds.toFixed(1)} s (${rate.toFixed(0)} MiB/s); memory ${mib(coldBytes)} cold, ${mib(warmBytes)} warm, ` +
    `${mib(peakBytes)} at most: ${mib(peakBytes - warmBytes)} more than warm, ${mib(peakBytes - coldBytes)} more than cold`
  );
}
