import type { Family } from '../../core/ports.ts';
import type { Labels } from './cells.ts';
import { type LabelLimits, OTHER, isFree } from './label-limits.ts';
import { labelValue, ownString } from './label-value.ts';
import type { LineBudget } from './line-budget.ts';

/** A tree of label values, one level a label: a lookup joins no strings, and no value can be mistaken for two. */
type Tree<Cell> = Map<string, Tree<Cell> | Cell>;

export interface FamilyLimits {
  readonly labels: LabelLimits;
  readonly lines: LineBudget;
  /** A label set that found no place in the lines. */
  readonly linesOverflow: () => void;
}

/** All series of one metric. `with` never throws: too few values are empty ones, too many are left out. */
export class CellFamily<Cell extends object> implements Family<Cell> {
  readonly #labels: readonly string[];
  readonly #limits: FamilyLimits;
  readonly #linesEach: number;
  readonly #make: (labels: Labels) => Cell;
  readonly #tree: Tree<Cell> = new Map();
  readonly #single: Cell | undefined;
  /** In the order of birth. */
  readonly cells: Cell[] = [];

  constructor(labels: readonly string[], linesEach: number, limits: FamilyLimits, make: (labels: Labels) => Cell) {
    this.#labels = labels;
    this.#limits = limits;
    this.#linesEach = linesEach;
    this.#make = make;
    // HELP, TYPE, and the one series that always has a place: the only one there is, or the one where all labels are `_other`.
    limits.lines.reserve(2 + linesEach);
    this.#single = labels.length === 0 ? this.#add([]) : undefined;
  }

  with(...values: readonly string[]): Cell {
    if (this.#single !== undefined) return this.#single;
    return this.#find(values) ?? this.#resolve(values);
  }

  /** What found no place of its own is in a folded series, and stays there. */
  remove(...values: readonly string[]): void {
    const clean = this.#labels.map((_, i) => labelValue(values[i] ?? ''));
    const cell = this.#single === undefined ? this.#find(clean) : undefined;
    if (cell === undefined || clean.every((value) => value === OTHER)) return;
    let node = this.#tree;
    for (const value of clean.slice(0, -1)) node = node.get(value) as Tree<Cell>;
    node.delete(clean.at(-1) as string);
    this.cells.splice(this.cells.indexOf(cell), 1);
    this.#limits.lines.give(this.#linesEach);
  }

  #find(values: readonly string[]): Cell | undefined {
    let node: Tree<Cell> | Cell | undefined = this.#tree;
    for (let i = 0; i < this.#labels.length; i++) {
      node = (node as Tree<Cell>).get(values[i] as string);
      if (node === undefined) return undefined;
    }
    return node as Cell;
  }

  /** A label set not seen in this spelling: cleaned, folded by label, folded by lines, born. */
  #resolve(values: readonly string[]): Cell {
    const clean = this.#labels.map((_, i) => labelValue(values[i] ?? ''));
    this.#limits.labels.fold(this.#labels, clean);
    const known = this.#find(clean);
    if (known !== undefined) return known;
    if (this.#limits.lines.take(this.#linesEach, 'ordinary')) return this.#add(clean);

    this.#limits.linesOverflow();
    const folded = clean.map((value, i) => (isFree(this.#labels[i] as string) ? OTHER : value));
    const standIn = this.#find(folded);
    if (standIn !== undefined) return standIn;
    if (this.#limits.lines.take(this.#linesEach, 'folded')) return this.#add(folded);
    const last = this.#labels.map(() => OTHER);
    return this.#find(last) ?? this.#add(last);
  }

  #add(values: readonly string[]): Cell {
    const owned = values.map(ownString);
    const cell = this.#make(Object.fromEntries(this.#labels.map((label, i) => [label, owned[i] as string])));
    let node = this.#tree;
    for (const [i, value] of owned.entries()) {
      if (i === owned.length - 1) {
        node.set(value, cell);
        break;
      }
      let next = node.get(value) as Tree<Cell> | undefined;
      if (next === undefined) {
        next = new Map();
        node.set(value, next);
      }
      node = next;
    }
    this.cells.push(cell);
    return cell;
  }
}
