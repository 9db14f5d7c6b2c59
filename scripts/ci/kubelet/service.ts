import type { PlayedPod } from './pod.ts';
import { isSidecar } from './pod-spec.ts';

/** Where a new connection goes. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly pod: string;
}

/** A port on which nobody listens. */
const NOBODY: Address = { host: '127.0.0.1', port: 9, pod: 'no endpoint' };

/**
 * A Service: new connections go to pods that were ready a moment ago, and a connection stays where it is until somebody ends it, as with kube-proxy, whose
 * work ends with the first packet. What changes is seen late, by a time drawn anew for each pod and change: a pod that is not ready any more, or ends, still
 * gets connections meanwhile.
 */
export class Service {
  readonly #port: string;
  readonly #lateMs: (listed: boolean) => number;
  readonly #endpoints: Address[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #next = 0;
  /** Connections that were sent to a pod which had already begun to end: how much the lateness was felt. */
  lateConnections = 0;
  readonly #ending = new Set<string>();

  /** `port`: the name that is looked up in each pod, as a Service's `targetPort`. `lateMs`: how late it is seen that a pod comes, or goes. */
  constructor(port: string, lateMs: (listed: boolean) => number) {
    this.#port = port;
    this.#lateMs = lateMs;
  }

  /** Until the pod has ended. */
  follow(pod: PlayedPod): void {
    const name = pod.spec.metadata.name;
    let known = false;
    let changes = 0;
    let seen = 0;
    const look = (): void => {
      if (pod.isEnding) this.#ending.add(name);
      if (pod.ready === known) return;
      known = pod.ready;
      const [listed, serial] = [known, ++changes];
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        // Who has seen the later change does not go back.
        if (serial < seen) return;
        seen = serial;
        this.#list(pod, listed);
      }, this.#lateMs(listed));
      this.#timers.add(timer);
    };
    pod.watch(look);
    look();
  }

  get size(): number {
    return this.#endpoints.length;
  }

  has(pod: PlayedPod): boolean {
    return this.#endpoints.some((one) => one.pod === pod.spec.metadata.name);
  }

  /** One after the other. Where there is none the connection is refused, as kube-proxy refuses it. */
  pick(): Address {
    const { length } = this.#endpoints;
    const found = this.#endpoints[this.#next++ % Math.max(1, length)];
    if (found === undefined) return NOBODY;
    if (this.#ending.has(found.pod)) this.lateConnections += 1;
    return found;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #list(pod: PlayedPod, listed: boolean): void {
    const name = pod.spec.metadata.name;
    const at = this.#endpoints.findIndex((one) => one.pod === name);
    if (!listed && at >= 0) this.#endpoints.splice(at, 1);
    if (listed && at < 0) this.#endpoints.push(targetOf(pod, this.#port));
  }
}

/** A named port is looked up in each pod: who has taken the name over gets the connections. Sidecars' ports count, too (Kubernetes 1.33). */
export function targetOf(pod: PlayedPod, name: string): Address {
  const { initContainers = [], containers } = pod.spec.spec;
  const all = [...containers, ...initContainers.filter(isSidecar)];
  const numbers = all.flatMap(({ ports = [] }) => ports.filter((port) => port.name === name).map(({ containerPort }) => containerPort));
  if (numbers.length !== 1) throw new Error(`${numbers.length} ports of ${pod.spec.metadata.name} are called ${name}`);
  return { host: pod.ip, port: numbers[0] as number, pod: pod.spec.metadata.name };
}
