/** A large value in pieces that are small enough to be taken in one turn of the event loop, in the order in which they are put together. */

type Key = string | number;

export type Part =
  /** What stands at `at`: whole, or empty, and then filled by the parts that follow. */
  | { readonly at: readonly Key[]; readonly value: unknown }
  /** Members of the object, or items of the array, that stands at `at`. */
  | { readonly at: readonly Key[]; readonly entries: ReadonlyArray<readonly [key: Key, value: unknown]> };

/** Values in one part; taking so many takes about a millisecond. */
const PART_VALUES = 4000;
/** Deeper the rest is one part. */
const MAX_DEPTH = 100;

/** A value that stands at two places (YAML's aliases) would come out as two: then all is one part. */
export function* partsOf(root: unknown): Generator<Part> {
  const weights = weigh(root);
  if (weights === undefined) yield { at: [], value: root };
  else yield* walk(root, [], weights);
}

function* walk(value: unknown, at: readonly Key[], weights: ReadonlyMap<unknown, number>): Generator<Part> {
  if (typeof value !== 'object' || value === null || (weights.get(value) ?? 1) <= PART_VALUES || at.length > MAX_DEPTH) {
    yield { at, value };
    return;
  }
  yield { at, value: Array.isArray(value) ? [] : {} };
  let entries: Array<readonly [Key, unknown]> = [];
  let together = 0;
  for (const key of Object.keys(value)) {
    const child = (value as Record<string, unknown>)[key];
    const place = Array.isArray(value) ? Number(key) : key;
    const weight = weights.get(child) ?? 1;
    if (together + weight > PART_VALUES) {
      if (entries.length > 0) yield { at, entries };
      entries = [];
      together = 0;
    }
    if (weight > PART_VALUES) yield* walk(child, [...at, place], weights);
    else {
      entries.push([place, child]);
      together += weight;
    }
  }
  if (entries.length > 0) yield { at, entries };
}

/** What is nested more deeply cannot be cloned. */
const MAX_NESTING = 2000;

/** How many values each array and object holds, itself included; undefined where one of them stands at two places. Throws RangeError. */
function weigh(root: unknown): Map<unknown, number> | undefined {
  const weights = new Map<unknown, number>();
  const order: object[] = [];
  const stack: unknown[] = [root];
  const depths: number[] = [0];
  while (stack.length > 0) {
    const value = stack.pop();
    const depth = depths.pop() as number;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_NESTING) throw new RangeError('nested too deeply');
    if (weights.has(value)) return undefined;
    weights.set(value, 1);
    order.push(value);
    for (const child of Object.values(value)) {
      stack.push(child);
      depths.push(depth + 1);
    }
  }
  // Children come after their parents.
  for (const value of order.reverse()) {
    let weight = 1;
    for (const child of Object.values(value)) weight += weights.get(child) ?? 1;
    weights.set(value, weight);
  }
  return weights;
}

/** Puts parts together again. */
export class Assembly {
  #root: unknown;

  get value(): unknown {
    return this.#root;
  }

  put(part: Part): void {
    const { at } = part;
    if ('entries' in part) {
      const target = this.#at(at, at.length);
      for (const [key, value] of part.entries) set(target, key, value);
    } else if (at.length === 0) this.#root = part.value;
    else set(this.#at(at, at.length - 1), at.at(-1) as Key, part.value);
  }

  #at(at: readonly Key[], length: number): object {
    let value = this.#root;
    for (let i = 0; i < length; i++) value = (value as Record<Key, unknown>)[at[i] as Key];
    return value as object;
  }
}

/** `__proto__` is a name like any other. */
function set(target: object, key: Key, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else (target as Record<Key, unknown>)[key] = value;
}
