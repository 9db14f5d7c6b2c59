import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './images.ts';
import { openNode } from './network.ts';
import type { Pod } from './pod-spec.ts';
import { PlayedPod } from './pod.ts';
import { readPod } from './readable.ts';
import type { Keys } from './volumes.ts';

/** A node that plays pods: images, ConfigMaps and Secrets by name, and the pods that run. */
export class Kubelet {
  readonly #folder: string;
  readonly #images: ReadonlyMap<string, Image>;
  readonly #keys = new Map<string, Keys>();
  readonly #pods = new Set<PlayedPod>();
  #serial = 0;

  private constructor(folder: string, images: ReadonlyMap<string, Image>) {
    this.#folder = folder;
    this.#images = images;
  }

  /** `folder`: for the files of its pods. `images`: by the name that specs call them. */
  static async start(folder: string, images: ReadonlyMap<string, Image>): Promise<Kubelet> {
    mkdirSync(folder, { recursive: true });
    await openNode();
    return new Kubelet(folder, images);
  }

  /** As `kubectl apply` of a ConfigMap; undefined: it is deleted, which takes nothing from pods that have it. */
  configMap(name: string, keys: Keys | undefined): void {
    if (keys === undefined) {
      this.#keys.delete(`configMap ${name}`);
      return;
    }
    this.#keys.set(`configMap ${name}`, keys);
    for (const pod of this.#pods) if (!pod.isEnding) pod.sync();
  }

  run(spec: Pod): PlayedPod {
    const pod = new PlayedPod(readPod(spec), {
      folder: join(this.#folder, `${spec.metadata.name}-${++this.#serial}`),
      imageOf: (name) => {
        const image = this.#images.get(name);
        if (image === undefined) throw new Error(`there is no image ${name}`);
        return image;
      },
      keysOf: (kind, name) => this.#keys.get(`${kind} ${name}`),
    });
    this.#pods.add(pod);
    void pod.ended.finally(() => this.#pods.delete(pod));
    return pod;
  }

  /** Ends whatever still runs, without grace. */
  async stop(): Promise<void> {
    const pods = [...this.#pods];
    for (const pod of pods) void pod.delete().catch(() => undefined);
    for (const pod of pods) for (const { running } of pod.slots) running?.signal('SIGKILL');
    await Promise.allSettled(pods.map((pod) => pod.ended));
  }
}
