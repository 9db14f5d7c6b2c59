const MAX_LENGTH = 64;

/** Letters alone, so that `max_body_bytes` finds `maxBodyBytes`. */
const plain = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, '');

/**
 * The candidate that was probably meant: the same letters, at most two slips (one in short words), or one the beginning of the other.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH || word === '') return undefined;
  const wanted = plain(word);
  let best: string | undefined;
  let least = wanted.length <= 3 ? 2 : 3;
  for (const candidate of candidates) {
    if (candidate.length > MAX_LENGTH) continue;
    const distance = slips(wanted, plain(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  if (best !== undefined || wanted.length < 3) return best;
  return candidates.find((c) => plain(c).startsWith(wanted) || (c.length >= 3 && wanted.startsWith(plain(c))));
}

/** Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment). */
function slips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] as number) + 1);
      row.push(cost);
    }
    [before, above] = [above, row];
  }
  return above[b.length] as number;
}
