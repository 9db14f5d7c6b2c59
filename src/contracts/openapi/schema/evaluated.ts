import { spend } from './budget.ts';

/** Which members and items of one value some schema has looked at, for the `unevaluated…` keywords (JSON Schema core §11). */
export class Evaluated {
  allMembers = false;
  readonly members = new Set<string>();
  /** Leading items; Infinity: all. */
  items = 0;
  readonly contained = new Set<number>();

  add(other: Evaluated): void {
    spend(4 * (other.members.size + other.contained.size));
    this.allMembers ||= other.allMembers;
    for (const name of other.members) this.members.add(name);
    this.items = Math.max(this.items, other.items);
    for (const index of other.contained) this.contained.add(index);
  }

  hasMember(name: string): boolean {
    return this.allMembers || this.members.has(name);
  }

  hasItem(index: number): boolean {
    return index < this.items || this.contained.has(index);
  }
}
