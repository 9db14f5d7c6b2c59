import { SchemaFault } from './fault.ts';
import type { Normal } from './normalise.ts';
import type { SchemaSet } from './units.ts';

/** Units that one question looks at; beyond it the bounds on evaluation have to do. */
const MAX_UNITS = 5000;

/** Whether a schema leads back to itself without going on to another value: evaluating it would never end (JSON Schema core §9.4.1). */
export function isEndless(set: SchemaSet, key: string): boolean {
  const start = normalOf(set, key);
  if (start === undefined || start.sameInstance.size === 0) return false;
  return reaches(set, start, 'sameInstance', (reached) => reached === key);
}

/** Whether something that it refers to depends on the way that leads there: then all of the way must be known. */
export function isDynamic(set: SchemaSet, key: string): boolean {
  if (!set.documents.resources.isDynamic) return false;
  const start = normalOf(set, key);
  if (start === undefined) return false;
  return start.dynamic || reaches(set, start, 'refs', (reached) => normalOf(set, reached)?.dynamic === true);
}

function reaches(set: SchemaSet, start: Normal, along: 'refs' | 'sameInstance', wanted: (key: string) => boolean): boolean {
  const seen = new Set<string>(start[along]);
  for (const key of seen) {
    if (wanted(key)) return true;
    if (seen.size < MAX_UNITS) for (const next of normalOf(set, key)?.[along] ?? []) seen.add(next);
  }
  return false;
}

function normalOf(set: SchemaSet, key: string): Normal | undefined {
  const normal = set.byKey(key)?.ownNormal();
  return normal instanceof SchemaFault ? undefined : normal;
}
