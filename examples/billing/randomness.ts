/** Numbers in [0, 1) that are the same for the same seed (mulberry32). Not for secrets. */
export type Randomness = () => number;

export function randomness(seed: number): Randomness {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of the entries, by weight. There must be at least one. */
export function pick<T extends { readonly weight: number }>(random: Randomness, entries: readonly [T, ...T[]]): T {
  let left = random() * entries.reduce((sum, entry) => sum + entry.weight, 0);
  for (const entry of entries) {
    left -= entry.weight;
    if (left < 0) return entry;
  }
  return entries[0];
}
