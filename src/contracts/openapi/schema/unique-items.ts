/**
 * Whether no two items are equal as JSON values (JSON Schema validation §6.4.3), in time linear in the items' size: comparing
 * every pair would let one request of a megabyte hold the process for minutes.
 */
export function hasUniqueItems(items: readonly unknown[]): boolean {
  if (items.length < 2) return true;
  const seen = new Set<unknown>();
  for (const item of items) {
    // A scalar is its own key; a string cannot meet a key made for an object, which begins with NUL.
    const key = typeof item === 'object' && item !== null ? `\0${canonical(item)}` : item;
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`);
  return `{${members.join()}}`;
}
