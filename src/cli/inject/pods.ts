import type { Mapping } from '../../inject/pod.ts';
import { isMapping } from '../../core/schema/object.ts';
import type { Takeover } from '../../inject/result.ts';

/** A workload's pods, as a Service sees them. */
export interface Pods {
  /** For people. */
  readonly who: string;
  readonly file: string;
  readonly line: number;
  readonly namespace: string | undefined;
  readonly labels: Mapping;
  /** Undefined: without a sidecar. */
  readonly takeover: Takeover | undefined;
  readonly isJob: boolean;
  /** Injected just now, not by somebody before. */
  readonly isNew: boolean;
}

/** Which pods a Service selects: those of its namespace that have every label that it names. */
export class PodIndex {
  /** By namespace, then by `label=value`. */
  readonly #byLabel = new Map<string, Pods[]>();
  readonly #selected = new Map<string, readonly Pods[]>();

  constructor(all: readonly Pods[]) {
    for (const pods of all) {
      for (const [label, value] of Object.entries(pods.labels)) {
        const key = keyOf(pods.namespace, label, value);
        const before = this.#byLabel.get(key);
        if (before === undefined) this.#byLabel.set(key, [pods]);
        else before.push(pods);
      }
    }
  }

  /** A Service without a selector selects nothing; somebody else keeps its endpoints. */
  select(namespace: string | undefined, selector: unknown): readonly Pods[] {
    if (!isMapping(selector)) return [];
    const pairs = Object.entries(selector);
    const question = JSON.stringify([namespace, pairs]);
    const known = this.#selected.get(question);
    if (known !== undefined) return known;
    const [fewest = []] = pairs
      .map(([label, value]) => this.#byLabel.get(keyOf(namespace, label, value)) ?? [])
      .sort((a, b) => a.length - b.length);
    const selected = fewest.filter(({ labels }) =>
      pairs.every(([label, value]) => Object.hasOwn(labels, label) && labels[label] === value),
    );
    this.#selected.set(question, selected);
    return selected;
  }
}

function keyOf(namespace: string | undefined, label: string, value: unknown): string {
  return JSON.stringify([namespace, label, value]);
}
