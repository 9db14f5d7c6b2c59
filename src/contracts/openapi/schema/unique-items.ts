/**
 * Whether no two items are equal as JSON values (JSON Schema validation §6.4.3), in time linear in the items' size: comparing
 * every pair would let one request of a megabyte hold the process for minutes.
 */
export function hasUniqueItems(items: readonly unknown[]): boolean {
  if (items.length < 2) return true;
  const scalars = new Set<unknown>();
  const others = new Set<string>();
  for (const item of items) {
    if (typeof item === 'object' && item !== null) {
      const text = canonical(item);
      if (others.has(text)) return false;
      others.add(text);
    } else {
      if (scalars.has(item)) return false;
      scalars.add(item);
    }
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
