import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A listener that takes no connection: whoever dials waits. */
export interface FullListener {
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Listens with room for one, and then stands still for good. */
const STANDS_STILL = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;
const QUIET_MS = 200;

/** On a free port of 127.0.0.1, with as many connections waiting already as the system has room for. */
export async function startFullListener(): Promise<FullListener> {
  const worker = new Worker(STANDS_STILL, { eval: true });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const fillers: Socket[] = [];
  while (await taken(port, fillers));
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

/** Whether there was still room for one more. */
function taken(port: number, fillers: Socket[]): Promise<boolean> {
  const filler = connect(port, '127.0.0.1');
  fillers.push(filler);
  filler.on('error', () => undefined);
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), QUIET_MS);
    filler.once('connect', () => {
      clearTimeout(late);
      resolve(true);
    });
  });
}
