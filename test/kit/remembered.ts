/** Objects of one class that took part in something. */
export interface Remembered {
  /** How many of them are alive. Only after `collectGarbage` that means: are kept. */
  readonly alive: number;
  /** The class is as it was. */
  [Symbol.dispose](): void;
}

/** Takes note of every object of a class on which `method` is called from here on, without keeping it alive. */
export function remember<K extends string>(prototype: Record<K, (...args: never[]) => unknown>, method: K): Remembered {
  const seen: WeakRef<object>[] = [];
  const original = prototype[method] as (...args: unknown[]) => unknown;
  function noting(this: object, ...args: unknown[]): unknown {
    seen.push(new WeakRef(this));
    return original.apply(this, args);
  }
  prototype[method] = noting as (typeof prototype)[K];
  return {
    get alive() {
      return new Set(seen.map((ref) => ref.deref()).filter((one) => one !== undefined)).size;
    },
    [Symbol.dispose]() {
      prototype[method] = original as (typeof prototype)[K];
    },
  };
}
