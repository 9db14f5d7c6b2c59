import { until } from './until.ts';

/** Open TCP connections of this process, counted at each of their ends that is in it. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

/** Waits until there are no more than `count`: a socket closes in a turn of its own. */
export async function socketsDownTo(count: number): Promise<void> {
  await until(() => openSockets() <= count, `no more than ${count} open sockets`);
}
