import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec, pathOf } from './tools.ts';

/** The node's own, from which kubelet probes and Prometheus scrapes: a private range, as that of clusters is. */
export const NODE_IP = '10.244.0.1';

/** Before the first pod. */
export async function openNode(): Promise<void> {
  await exec('ip', 'link', 'set', 'lo', 'up');
  await exec('ip', 'addr', 'add', `${NODE_IP}/32`, 'dev', 'lo');
}

let next = 1;

/**
 * The network of one pod: an address of its own that the node routes to over a pair of interfaces, and a loopback that its containers share. Held open by
 * a process that does nothing, as the pause container does.
 */
export class PodNetwork {
  readonly ip: string;
  readonly #holder: ChildProcess;

  private constructor(ip: string, holder: ChildProcess) {
    this.ip = ip;
    this.#holder = holder;
  }

  static async open(): Promise<PodNetwork> {
    const index = next++;
    const ip = `10.244.${index >> 8}.${(index & 255) + 1}`;
    const holder = spawn(pathOf('unshare'), ['--net', pathOf('sleep'), 'infinity'], { stdio: 'ignore' });
    const network = new PodNetwork(ip, holder);
    await network.#begun();
    const [pair, at] = [`pod${index}`, String(holder.pid)];
    await exec('ip', 'link', 'add', 'name', pair, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', at);
    const tool = pathOf('ip');
    const inside = [
      `${tool} link set lo up`,
      `${tool} addr add ${ip}/32 dev eth0`,
      `${tool} link set eth0 up`,
      `${tool} route add ${NODE_IP} dev eth0 scope link`,
      `${tool} route add default via ${NODE_IP}`,
    ];
    await exec('nsenter', `--net=${network.path}`, pathOf('sh'), '-c', inside.join(' && '));
    await exec('ip', 'link', 'set', pair, 'up');
    await exec('ip', 'route', 'add', `${ip}/32`, 'dev', pair, 'src', NODE_IP);
    return network;
  }

  /** For `nsenter --net`. */
  get path(): string {
    return `/proc/${this.#holder.pid}/ns/net`;
  }

  /** With the last process in it the interfaces and their routes are gone. */
  async close(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const gone = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await gone;
  }

  async #begun(): Promise<void> {
    const ours = readlinkSync('/proc/self/ns/net');
    for (let i = 0; i < 500; i++) {
      if (readlinkSync(this.path) !== ours) return;
      await sleep(2);
    }
    throw new Error('the network of a pod did not begin');
  }
}
