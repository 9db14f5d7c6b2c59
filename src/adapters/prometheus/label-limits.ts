export const OTHER = '_other';

/** How many distinct values of the labels that traffic and contracts invent are kept apart. */
export interface LabelLimitOptions {
  readonly operations: number;
  readonly consumers: number;
  readonly versionsPerConsumer: number;
}

/** Labels whose values are not from a closed set: they fold, each on its own. */
const FREE: ReadonlySet<string> = new Set(['operation', 'consumer', 'consumer_version']);

export function isFree(label: string): boolean {
  return FREE.has(label);
}

/** Values that the gateway itself gives; they take no place from others and never fold. */
const RESERVED: ReadonlySet<string> = new Set(['', OTHER, '_none', '_unmatched', 'unknown']);

/**
 * Which values of `operation`, `consumer` and `consumer_version` have a series of their own: the first ones, up to the limits,
 * counted over all families, so that one value is shown everywhere or nowhere. All others are `_other`.
 */
export class LabelLimits {
  readonly #options: LabelLimitOptions;
  readonly #overflow: (label: string) => void;
  readonly #operations = new Set<string>();
  readonly #consumers = new Set<string>();
  readonly #versions = new Map<string, Set<string>>();

  /** `overflow` is called once for each label value that folds, each time that it does. */
  constructor(options: LabelLimitOptions, overflow: (label: string) => void) {
    this.#options = options;
    this.#overflow = overflow;
  }

  /** Folds `values` (already clean, in the order of `labels`) in place. */
  fold(labels: readonly string[], values: string[]): void {
    const consumerAt = labels.indexOf('consumer');
    if (consumerAt >= 0) values[consumerAt] = this.#admit('consumer', this.#consumers, this.#options.consumers, values[consumerAt] ?? '');
    for (let i = 0; i < labels.length; i++) {
      const value = values[i] ?? '';
      if (labels[i] === 'operation') values[i] = this.#admit('operation', this.#operations, this.#options.operations, value);
      else if (labels[i] === 'consumer_version') values[i] = this.#version(consumerAt < 0 ? '' : (values[consumerAt] ?? ''), value);
    }
  }

  #version(consumer: string, version: string): string {
    // The versions of consumers that are not kept apart say nothing together.
    if (consumer === OTHER) return OTHER;
    let known = this.#versions.get(consumer);
    if (known === undefined) {
      known = new Set();
      this.#versions.set(consumer, known);
    }
    return this.#admit('consumer_version', known, this.#options.versionsPerConsumer, version);
  }

  #admit(label: string, known: Set<string>, limit: number, value: string): string {
    if (RESERVED.has(value) || known.has(value)) return value;
    if (known.size < limit) {
      known.add(value);
      return value;
    }
    this.#overflow(label);
    return OTHER;
  }
}
