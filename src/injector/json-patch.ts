import type { Edit } from '../inject/edit.ts';

/** One operation of RFC 6902 §4. */
export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** The edits as a JSON Patch, in their order. @throws where one adds nothing: JSON would leave the member out, and the API server refuse the pod. */
export function jsonPatch(edits: readonly Edit[]): Operation[] {
  return edits.map((edit) => {
    if (edit.op !== 'remove' && edit.value === undefined) throw new Error(`${edit.op} ${jsonPointer(edit.path)}: no value`);
    return { ...edit, path: jsonPointer(edit.path) };
  });
}

/** RFC 6901 §3: `~` and `/` within a part are written as `~0` and `~1`. */
export function jsonPointer(path: Edit['path']): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
