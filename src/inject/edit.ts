/** From a pod (or a pod template) down: keys of mappings and indices of lists. */
export type Path = readonly (string | number)[];

/**
 * One change, with the meaning that RFC 6902 §4 gives it. `add`: a new key of a mapping, which then stands last; or a new item of a list, before
 * the one with that index, at the end where the index is the length. `replace` and `remove`: what stands there must exist. Never `-`.
 */
export type Edit =
  | { readonly op: 'add' | 'replace'; readonly path: Path; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: Path };

/**
 * The value after all edits, one after the other; what is given is not changed, and parts that no edit touches are shared with it.
 * @throws where an edit has no place to go: a bug of whoever made the list.
 */
export function applyEdits(value: unknown, edits: readonly Edit[]): unknown {
  return edits.reduce<unknown>((before, edit) => applied(before, edit, 0), value);
}

function applied(value: unknown, edit: Edit, depth: number): unknown {
  const part = edit.path[depth];
  if (part === undefined) throw misplaced(edit, 'the whole is not replaced');
  const isLast = depth === edit.path.length - 1;
  if (Array.isArray(value)) return inList(value, part, edit, depth, isLast);
  if (typeof value !== 'object' || value === null)
    throw misplaced(edit, `what stands above ${String(part)} is neither a mapping nor a list`);
  return inMapping(value as Readonly<Record<string, unknown>>, String(part), edit, depth, isLast);
}

function inList(list: readonly unknown[], part: string | number, edit: Edit, depth: number, isLast: boolean): unknown[] {
  const index = Number(part);
  const limit = isLast && edit.op === 'add' ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > limit) throw misplaced(edit, `there is no item ${String(part)}`);
  if (!isLast) return list.with(index, applied(list[index], edit, depth + 1));
  switch (edit.op) {
    case 'add':
      return list.toSpliced(index, 0, edit.value);
    case 'replace':
      return list.with(index, edit.value);
    case 'remove':
      return list.toSpliced(index, 1);
  }
}

/** Entries, not assignments: a key may be `__proto__`. */
function inMapping(
  mapping: Readonly<Record<string, unknown>>,
  key: string,
  edit: Edit,
  depth: number,
  isLast: boolean,
): Record<string, unknown> {
  const entries = Object.entries(mapping);
  const at = entries.findIndex(([name]) => name === key);
  if (at < 0 && !(isLast && edit.op === 'add')) throw misplaced(edit, `there is no key ${key}`);
  if (isLast && edit.op === 'remove') return Object.fromEntries(entries.toSpliced(at, 1));
  const value = isLast ? (edit as Extract<Edit, { value: unknown }>).value : applied(mapping[key], edit, depth + 1);
  return Object.fromEntries(at < 0 ? [...entries, [key, value]] : entries.with(at, [key, value]));
}

function misplaced({ op, path }: Edit, why: string): Error {
  return new Error(`${op} /${path.join('/')}: ${why}`);
}
