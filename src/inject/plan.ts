import type { Edit, Path } from './edit.ts';
import type { Parent } from './record.ts';

/** Edits in the order in which they are thought of, with a note of each parent that had to be made. */
export class Plan {
  readonly edits: Edit[] = [];
  /** Were not there. */
  readonly made: Parent[] = [];
  /** Were there with nothing under them. */
  readonly empty: Parent[] = [];

  add(path: Path, value: unknown): void {
    this.edits.push({ op: 'add', path, value });
  }

  replace(path: Path, value: unknown): void {
    this.edits.push({ op: 'replace', path, value });
  }

  remove(path: Path): void {
    this.edits.push({ op: 'remove', path });
  }

  /** Puts items at the end of a list. `was`: the list, undefined or null. */
  append(parent: Parent, path: Path, was: unknown, items: readonly unknown[]): void {
    if (Array.isArray(was)) {
      for (const [i, value] of items.entries()) this.add([...path, was.length + i], value);
    } else {
      this.note(parent, was);
      this.set(path, was, items);
    }
  }

  /** Writes down a parent that has to be made. `was`: undefined, or null for a key with nothing under it. */
  note(parent: Parent, was: unknown): void {
    (was === undefined ? this.made : this.empty).push(parent);
  }

  set(path: Path, was: unknown, value: unknown): void {
    if (was === undefined) this.add(path, value);
    else this.replace(path, value);
  }
}
