type Metadata = (key: unknown, target: object) => unknown;

/**
 * What tsyringe, which @peculiar/x509 keeps its algorithms in, wants of `Reflect` and would not load without. Three functions of the
 * withdrawn proposal for decorator metadata; the package reflect-metadata has all of it. Called just before the library is loaded, which
 * only a process does that makes certificates.
 */
export function addReflectMetadata(): void {
  if ('getMetadata' in Reflect) return;
  const kept = new WeakMap<object, Map<unknown, unknown>>();
  const getOwnMetadata: Metadata = (key, target) => kept.get(target)?.get(key);
  const getMetadata: Metadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
      if (kept.get(at)?.has(key) === true) return getOwnMetadata(key, at);
    }
    return undefined;
  };
  const defineMetadata = (key: unknown, value: unknown, target: object): void => {
    const of = kept.get(target) ?? new Map<unknown, unknown>();
    kept.set(target, of.set(key, value));
  };
  Object.assign(Reflect, { getMetadata, getOwnMetadata, defineMetadata });
}
