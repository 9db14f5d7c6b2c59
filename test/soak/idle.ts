import { readFileSync } from 'node:fs';
import type { RawConnection } from '../kit/connection.ts';
import { scrape } from '../kit/exposition.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { readResponse } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

/** At a time: an accept queue has room for so many. */
const BATCH = 100;
/** File descriptors that a process needs besides those connections. */
const OTHERS = 250;

export interface IdleMemory {
  readonly connections: number;
  /** Resident memory before and after, and what each connection adds. */
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly bytesEach: number;
}

/** How many connections one process may hold here; Node has raised the soft limit to the hard one. */
export function roomFor(connections: number): number {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return connections; // no Linux: it will be seen
  }
  const open = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return open === undefined ? connections : Math.min(connections, Number(open) - OTHERS);
}

/** What kept connections cost a gateway on which nothing is asked any more; each has had one request. */
export async function soakIdle(connections: number): Promise<IdleMemory> {
  const origin = await startOrigin();
  const gateway = await startGatewayProcess({
    upstream: origin.port,
    listener: { keepAlive: '10m', maxConnections: connections + BATCH },
  });
  const ask = async (c: RawConnection): Promise<void> => {
    sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
    const { status } = await readResponse(c);
    if (status !== 200) throw new Error(`answered with ${status}`);
  };
  const idle: RawConnection[] = [];
  const open = async (): Promise<number> => (await scrape(gateway.adminUrl)).value('plumbline_downstream_connections');
  try {
    const warmUp = await connectRaw(gateway.port);
    for (let i = 0; i < 500; i++) await ask(warmUp);
    warmUp.destroy();
    await until(async () => (await open()) === 0, 'the warm-up to end');
    const beforeBytes = await gateway.rssBytes();
    while (idle.length < connections) {
      const batch = await Promise.all(Array.from({ length: Math.min(BATCH, connections - idle.length) }, () => connectRaw(gateway.port)));
      await Promise.all(batch.map(ask));
      idle.push(...batch);
    }
    await until(async () => (await open()) === connections, `${connections} connections`);
    const afterBytes = await gateway.rssBytes();
    for (let i = 0; i < idle.length; i += Math.ceil(connections / 50)) await ask(idle[i] as RawConnection); // they are of use still
    for (const c of idle) c.destroy();
    await until(async () => (await open()) === 0, 'all connections to end', 20_000);
    return { connections, beforeBytes, afterBytes, bytesEach: (afterBytes - beforeBytes) / connections };
  } finally {
    for (const c of idle) c.destroy();
    await gateway[Symbol.asyncDispose]();
    await origin.close();
  }
}

/** For people. */
export function toldIdle({ connections, beforeBytes, afterBytes, bytesEach }: IdleMemory): string {
  const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  return `${connections} idle connections: memory ${mib(beforeBytes)} before, ${mib(afterBytes)} after: ${(bytesEach / 1024).toFixed(1)} KiB each`;
}
