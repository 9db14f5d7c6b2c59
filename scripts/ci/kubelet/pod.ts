import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentOf, expand } from './env.ts';
import type { Image } from './images.ts';
import { NODE_IP, PodNetwork } from './network.ts';
import type { Pod } from './pod-spec.ts';
import { bytesOf } from './quantity.ts';
import { RunningContainer } from './running-container.ts';
import { Slot } from './slot.ts';
import { terminate } from './termination.ts';
import { type Keys, Volumes } from './volumes.ts';

export interface PodParts {
  /** An empty folder. */
  readonly folder: string;
  imageOf(name: string): Image;
  keysOf(kind: 'configMap' | 'secret', name: string): Keys | undefined;
}

export interface PodEvent {
  readonly atMs: number;
  readonly what: string;
}

/** Between two looks at what changes without a word: files of a volume that is missing, in place of kubelet's minutes. */
const SYNC_MS = 200;
/** Kubelet's first back-off is 10 s, doubled up to 5 min. */
const CRASH_BACKOFF_MS = 1000;

/**
 * One pod with real processes, as kubelet runs it: init containers one after the other, a sidecar among them gates what follows until it has started, then the
 * app's containers together; probes on the pod's address; restarts; and the order in which it ends. `pod-lifecycle` and `sidecar-containers` in the
 * documentation of Kubernetes, KEP-753 for the order.
 */
export class PlayedPod {
  readonly spec: Pod;
  readonly events: PodEvent[] = [];
  readonly slots: readonly Slot[];
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' = 'Pending';
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #parts: PodParts;
  readonly #volumes: Volumes;
  readonly #watchers = new Set<() => void>();
  #network: PodNetwork | undefined = undefined;
  #ending: Promise<void> | undefined = undefined;
  #lives = 0;

  constructor(spec: Pod, parts: PodParts) {
    this.spec = spec;
    this.#parts = parts;
    const { initContainers = [], containers } = spec.spec;
    this.slots = [...initContainers.map((one) => new Slot(one, 'initContainers')), ...containers.map((one) => new Slot(one, 'containers'))];
    mkdirSync(parts.folder, { recursive: true });
    this.#volumes = new Volumes(join(parts.folder, 'volumes'), spec.spec);
    this.ended = this.#live();
  }

  /** Empty until it has a network. */
  get ip(): string {
    return this.#network?.ip ?? '';
  }

  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** As its condition Ready: all that runs on is ready, and it is not ending. */
  get ready(): boolean {
    return this.phase === 'Running' && !this.isEnding && this.slots.every(({ kind, ready }) => kind === 'init' || ready);
  }

  slot(name: string): Slot {
    const found = this.slots.find((slot) => slot.name === name);
    if (found === undefined) throw new Error(`there is no container ${name}`);
    return found;
  }

  /** When something happened first, in ms of `performance.now()`. */
  at(what: string): number | undefined {
    return this.events.find((event) => event.what.startsWith(what))?.atMs;
  }

  /** Called at each change, until the returned function is. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** @throws when it does not come to that in time, with all that happened. */
  async until(holds: () => boolean, what: string, withinMs: number): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    while (!holds()) {
      if (performance.now() > giveUpAt) throw new Error(`${this.spec.metadata.name}: not ${what} within ${withinMs} ms\n${this.story}`);
      await sleep(5);
    }
  }

  /** What happened, and what the containers said last. */
  get story(): string {
    const events = this.events.map(({ atMs, what }) => `${(atMs - (this.events[0]?.atMs ?? 0)).toFixed(0).padStart(7)} ms  ${what}`);
    const logs = this.slots.map((slot) => `${slot.name} said:\n${slot.log.slice(-1500)}`);
    return [...events, ...logs].join('\n');
  }

  /** Kubelet's sync of ConfigMaps and Secrets, at once in place of within a minute or two. */
  sync(): void {
    if (this.phase !== 'Pending' || this.#lives > 0) this.#volumes.update((kind, name) => this.#parts.keysOf(kind, name));
  }

  /** As `kubectl delete pod`. Resolves when it is gone. */
  delete(): Promise<void> {
    this.#tell('deleted');
    void this.#end();
    return this.ended;
  }

  #end(): Promise<void> {
    this.#ending ??= terminate(this.slots, this.spec.spec.terminationGracePeriodSeconds ?? 30, this.ip, (what) => this.#tell(what));
    this.#changed();
    return this.#ending;
  }

  #tell(what: string): void {
    this.events.push({ atMs: performance.now(), what });
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  // ---------------------------------------------------------------- its life

  async #live(): Promise<void> {
    this.#network = await PodNetwork.open();
    this.#tell('scheduled');
    try {
      await this.#mount();
      for (const slot of this.slots) {
        if (this.isEnding) break;
        if (slot.kind === 'init') await this.#untilDone(slot);
        else void this.#keep(slot);
        if (slot.kind === 'sidecar') await this.#wait(() => slot.started);
      }
      if (!this.isEnding) {
        this.phase = 'Running';
        this.#tell('phase: Running');
      }
      await this.#wait(() => this.slots.every(({ kind, over }) => kind !== 'app' || over));
      await this.#end();
      const codes = this.slots.filter(({ kind }) => kind === 'app').map(({ lastCode }) => lastCode);
      this.phase = codes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
      this.#tell(`phase: ${this.phase}`);
    } finally {
      await this.#network.close();
      rmSync(join(this.#parts.folder, 'volumes'), { recursive: true, force: true });
    }
  }

  /** What it mounts must be there before anything of it starts. */
  async #mount(): Promise<void> {
    let told = '';
    while (!this.isEnding) {
      try {
        this.#volumes.update((kind, name) => this.#parts.keysOf(kind, name));
        return;
      } catch (error) {
        const { message } = error as Error;
        if (message !== told) this.#tell(message);
        told = message;
        await sleep(SYNC_MS);
      }
    }
  }

  async #wait(holds: () => boolean): Promise<void> {
    while (!holds() && !(this.isEnding && this.slots.every(({ running }) => running === undefined))) await sleep(5);
  }

  async #untilDone(slot: Slot): Promise<void> {
    while (!this.isEnding && (await this.#liveOnce(slot)) !== 0) await sleep(CRASH_BACKOFF_MS);
  }

  /** One life after the other, as its restart policy says. */
  async #keep(slot: Slot): Promise<void> {
    const policy = slot.kind === 'sidecar' ? 'Always' : (this.spec.spec.restartPolicy ?? 'Always');
    while (!this.isEnding) {
      const code = await this.#liveOnce(slot);
      if (this.isEnding || policy === 'Never' || (policy === 'OnFailure' && code === 0)) break;
      slot.restarts += 1;
      this.#tell(`${slot.name}: to be restarted`);
      await sleep(CRASH_BACKOFF_MS);
    }
    slot.over = true;
    this.#changed();
  }

  async #liveOnce(slot: Slot): Promise<number> {
    const running = this.#start(slot);
    slot.begin(running, this.ip, (what) => this.#tell(what));
    const code = await running.exited;
    slot.end(code);
    this.#tell(`${slot.name}: ended with ${code}`);
    return code;
  }

  #start({ spec, name }: Slot): RunningContainer {
    const image = this.#parts.imageOf(spec.image);
    const pod = this.spec.spec.securityContext ?? {};
    const own = spec.securityContext ?? {};
    const [user = 0, group = user] = image.config.user.split(':').map(Number);
    const uid = own.runAsUser ?? pod.runAsUser ?? user;
    if ((own.runAsNonRoot ?? pod.runAsNonRoot) === true && uid === 0)
      throw new Error(`container ${name} has runAsNonRoot and would run as root`);
    const env = environmentOf(spec, image.config.env, {
      pod: this.spec,
      podIp: this.ip,
      nodeIp: NODE_IP,
      keysOf: (kind, key) => this.#parts.keysOf(kind, key),
    });
    // The image's arguments go with its entry point alone.
    const args = spec.args ?? (spec.command === undefined ? image.config.cmd : []);
    const folder = join(this.#parts.folder, `${name}-${++this.#lives}`);
    mkdirSync(folder, { recursive: true });
    const memory = spec.resources?.limits?.memory;
    return new RunningContainer({
      image,
      folder,
      network: (this.#network as PodNetwork).path,
      command: [...(spec.command ?? image.config.entrypoint), ...args].map((word) => expand(word, env)),
      env,
      mounts: (spec.volumeMounts ?? []).map((mount) => ({
        from: this.#volumes.pathOf(mount.name),
        to: mount.mountPath,
        readOnly: mount.readOnly === true || this.#volumes.isReadOnly(mount.name),
      })),
      user: uid,
      group: own.runAsGroup ?? pod.runAsGroup ?? group,
      groups: pod.fsGroup === undefined ? [] : [pod.fsGroup],
      rootReadOnly: own.readOnlyRootFilesystem === true,
      mayGainPrivileges: own.allowPrivilegeEscalation !== false,
      memoryBytes: memory === undefined ? undefined : bytesOf(memory),
    });
  }
}
