import type { Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import type { Judging } from '../judging.ts';
import { unitOf } from '../judging.ts';
import { ARRAY, type Described, OBJECT, SCALAR, STRING } from '../schema/shape.ts';
import type { Judgement, Unit } from '../schema/unit.ts';
import type { Side } from '../../../core/contract.ts';
import { type Candidate, candidates, exactly, listOf, objectOf } from './coerce.ts';

const ALL = SCALAR | ARRAY | OBJECT;
const UNDESCRIBED: Described = { nodes: [], plain: true, opaque: false };
/** Mixtures that are tried where several members can be read in two ways each. */
const MAX_MIXTURES = 64;

/** What texts may mean together. `complete`: there is no other meaning. */
export interface Meanings {
  readonly candidates: readonly Candidate[];
  readonly complete: boolean;
}

/** What pieces of text may become under a schema, and whether that fits. Without a schema any text does. */
export class ValueSchema {
  /** Of the value as a whole. */
  readonly types: number;
  readonly #judging: Judging;
  readonly #unit: Unit | undefined;
  readonly #described: Described;
  readonly #itemTypes: number;
  readonly #memberTypes = new Map<string, number>();
  #otherTypes: number | undefined;
  readonly #declared: ReadonlySet<string>;

  constructor(judging: Judging, schema: Node | undefined, side: Side) {
    this.#judging = judging;
    this.#unit = unitOf(judging, schema, side);
    this.types = schema === undefined ? STRING : judging.shapes.types(schema);
    this.#described = schema === undefined ? UNDESCRIBED : judging.shapes.describing(schema);
    this.#itemTypes = (this.types & ARRAY) === 0 ? 0 : this.#typesOfItems();
    this.#declared = new Set(this.#described.nodes.flatMap(({ value }) => Object.keys(objectAt(value, 'properties'))));
  }

  /** Nothing is asked of the value. */
  get isOpen(): boolean {
    return this.#unit === undefined;
  }

  /** Of the items, where it may be a list. */
  get itemTypes(): number {
    return this.#itemTypes;
  }

  /** Members that have names in the schema. */
  get declared(): ReadonlySet<string> {
    return this.#declared;
  }

  /** Whether other members than those with names belong to the value: described ones do, `none` can, and `any` tells nothing of them. */
  get others(): 'described' | 'any' | 'none' {
    const says = this.#described.nodes.map(({ value }) => member(value, 'additionalProperties') ?? member(value, 'unevaluatedProperties'));
    const describes = says.some((more) => isObject(more) && Object.keys(more).length > 0);
    const closed = says.includes(false);
    if (describes) return closed ? 'any' : 'described';
    return closed ? 'none' : 'any';
  }

  memberTypes(name: string): number {
    if (!this.#declared.has(name)) {
      this.#otherTypes ??= this.#typesOfMember(undefined);
      return this.#otherTypes;
    }
    const known = this.#memberTypes.get(name);
    if (known !== undefined) return known;
    const types = this.#typesOfMember(name);
    this.#memberTypes.set(name, types);
    return types;
  }

  text(text: string): Meanings {
    return { candidates: candidates(text, this.types), complete: true };
  }

  list(items: readonly string[]): Meanings {
    if (items.length === 0) return { candidates: [exactly([])], complete: true };
    const readings = items.map((item) => readingsOf(item, this.#itemTypes));
    const { tuples, all } = mixtures(readings);
    const found = tuples.map(listOf);
    // The list of nothing is written like the list of one empty text.
    if (items.length === 1 && items[0] === '') found.push(exactly([]));
    // A list of lists or objects has no defined form.
    return { candidates: found, complete: all && this.#isScalar(this.#itemTypes) };
  }

  /** `members`: no name twice. */
  object(members: ReadonlyArray<readonly [name: string, text: string]>): Meanings {
    const types = members.map(([name]) => this.memberTypes(name));
    const { tuples, all } = mixtures(members.map(([, text], i) => readingsOf(text, types[i] as number)));
    const names = members.map(([name]) => name);
    return {
      candidates: tuples.map((tuple) => objectOf(names, tuple)),
      complete: all && types.every((of) => this.#isScalar(of)),
    };
  }

  /** Every schema of a member judges it, whatever the others say: then what is found of one holds without the others. */
  get isPlain(): boolean {
    return this.#described.plain;
  }

  /** Schemas of a member that has a name in the schema. */
  member(name: string): Node[] {
    return this.#described.nodes.flatMap((node) =>
      Object.hasOwn(objectAt(node.value, 'properties'), name) ? subschema(node, ['properties', name]) : [],
    );
  }

  judge({ value, written }: Candidate, bytes: number): Judgement {
    if (this.#unit === undefined) return true;
    return written === undefined ? this.#unit.judge(value, bytes) : this.#unit.judgeWritten(value, bytes, written);
  }

  /** Text for a member without a type is a scalar: no other form is defined for it. */
  #isScalar(types: number): boolean {
    return (types & ~SCALAR) === 0 || (types === ALL && !this.#described.opaque);
  }

  #typesOfItems(): number {
    if (this.#described.opaque) return ALL;
    const at = (keyword: string): Node[] => this.#described.nodes.flatMap((node) => subschema(node, [keyword]));
    const items = at('items');
    const all = [...items, ...['contains', 'unevaluatedItems'].flatMap(at), ...this.#described.nodes.flatMap(prefixItems)];
    return this.#union(all) | (items.length === 0 ? STRING : 0);
  }

  /** `undefined`: of members that have no name in the schema. Which of them a pattern is for is left open: more types do no harm. */
  #typesOfMember(name: string | undefined): number {
    if (this.#described.opaque) return ALL;
    const found: Node[] = [];
    for (const node of this.#described.nodes) {
      if (name !== undefined && Object.hasOwn(objectAt(node.value, 'properties'), name))
        found.push(...subschema(node, ['properties', name]));
      else found.push(...subschema(node, ['additionalProperties']), ...subschema(node, ['unevaluatedProperties']));
      for (const pattern of Object.keys(objectAt(node.value, 'patternProperties')))
        found.push(...subschema(node, ['patternProperties', pattern]));
    }
    return found.length === 0 ? STRING : this.#union(found);
  }

  #union(nodes: readonly Node[]): number {
    return nodes.reduce((union, node) => union | this.#judging.shapes.types(node), 0);
  }
}

function readingsOf(text: string, types: number): readonly Candidate[] {
  const found = candidates(text, types);
  return found.length > 0 ? found : [exactly(text)];
}

/** Every mixture of readings, or where these are too many the two plain ones: all the most telling, all the least. */
export function mixtures(readings: ReadonlyArray<readonly Candidate[]>): { readonly tuples: Candidate[][]; readonly all: boolean } {
  const count = readings.reduce((n, of) => Math.min(n * of.length, MAX_MIXTURES + 1), 1);
  if (count > MAX_MIXTURES)
    return { tuples: [readings.map((of) => of[0] as Candidate), readings.map((of) => of.at(-1) as Candidate)], all: false };
  let tuples: Candidate[][] = [readings.map((of) => of[0] as Candidate)];
  readings.forEach((of, i) => {
    tuples = of.length === 1 ? tuples : of.flatMap((reading) => tuples.map((tuple) => tuple.with(i, reading)));
  });
  return { tuples, all: true };
}

function objectAt(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const of = member(value, name);
  return isObject(of) ? of : {};
}

function prefixItems(node: Node): Node[] {
  const list = member(node.value, 'prefixItems');
  return Array.isArray(list)
    ? list.map((value: unknown, i) => ({ file: node.file, pointer: `${node.pointer}/prefixItems/${i}`, value }))
    : [];
}

function subschema(node: Node, path: readonly string[]): Node[] {
  const value = path.reduce<unknown>((of, name) => member(of, name), node.value);
  return isObject(value) ? [{ file: node.file, pointer: path.reduce(child, node.pointer), value }] : [];
}
