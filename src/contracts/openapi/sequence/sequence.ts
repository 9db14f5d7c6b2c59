import type { Side } from '../../../core/contract.ts';
import type { Node } from '../document/documents.ts';
import { type Findings, type Judging, unitOf } from '../judging.ts';
import type { ContentModel } from '../model.ts';
import type { Unit } from '../schema/unit.ts';
import { type ArraySchema, arraySchemas } from './array-schema.ts';

const NO_UNITS: readonly Unit[] = [];

/** What a media type says of a body that is a sequence of items. */
export class Sequence {
  /** Something is said that is not judged item by item. */
  readonly isUnclear: boolean;
  /** Nodes and units for the items behind every prefix. */
  readonly itemNodes: readonly Node[];
  readonly #judging: Judging;
  readonly #side: Side;
  readonly #arrays: readonly ArraySchema[];
  /** Those of `#arrays` that say how many there may be. */
  readonly #limited: readonly ArraySchema[];
  readonly #each: readonly Node[];
  readonly #rest: readonly Unit[];
  readonly #prefixes: ReadonlyArray<readonly Unit[]>;

  /**
   * 3.2.0 §4.14.3: `itemSchema` "MUST be applied to each item in the stream independently", `schema` to all items as an array. Older documents do
   * not say how a schema applies to a sequence: there it is not judged.
   */
  constructor(judging: Judging, model: ContentModel, side: Side) {
    this.#judging = judging;
    this.#side = side;
    const { schema, sequence } = model;
    const arrays = schema === undefined ? [] : sequence === undefined ? undefined : arraySchemas(judging, schema);
    this.isUnclear = arrays === undefined;
    this.#arrays = arrays ?? [];
    this.#limited = this.#arrays.filter(({ maxItems }) => maxItems !== undefined);
    this.#each = sequence?.itemSchema === undefined ? [] : [sequence.itemSchema];
    this.itemNodes = this.nodes(Number.POSITIVE_INFINITY);
    this.#rest = this.#units(this.itemNodes);
    const prefixed = Math.max(0, ...this.#arrays.map(({ prefix }) => prefix.length));
    this.#prefixes = Array.from({ length: prefixed }, (_, i) => this.#units(this.nodes(i)));
  }

  /** How many items have a schema of their own. */
  get prefixed(): number {
    return this.#prefixes.length;
  }

  /** All schemas that the item at `index` must fit. */
  nodes(index: number): readonly Node[] {
    return [...this.#each, ...this.#arrays.flatMap(({ prefix, items }) => prefix[index] ?? items ?? [])];
  }

  units(index: number): readonly Unit[] {
    return this.#prefixes[index] ?? this.#rest;
  }

  /** Nothing is said about any item. */
  get isOpen(): boolean {
    return !this.isUnclear && this.#rest.length === 0 && this.#prefixes.length === 0 && this.#arrays.every((one) => !isLimited(one));
  }

  /** When all items are known. */
  checkLeast(count: number, findings: Findings): void {
    for (const { minItems } of this.#arrays)
      if (minItems !== undefined && count < minItems.limit)
        findings.add('minItems', 'body', '', minItems.at, `must have at least ${minItems.limit} items`);
  }

  /** With each item: one too many is, whatever comes after it. */
  checkMost(count: number, findings: Findings): void {
    for (const { maxItems } of this.#limited)
      if (maxItems !== undefined && count > maxItems.limit && count - 1 <= maxItems.limit)
        findings.add('maxItems', 'body', '', maxItems.at, `must have at most ${maxItems.limit} items`);
  }

  #units(nodes: readonly Node[]): readonly Unit[] {
    const units = nodes.flatMap((node) => unitOf(this.#judging, node, this.#side) ?? []);
    return units.length === 0 ? NO_UNITS : units;
  }
}

function isLimited({ minItems, maxItems }: ArraySchema): boolean {
  return minItems !== undefined || maxItems !== undefined;
}
