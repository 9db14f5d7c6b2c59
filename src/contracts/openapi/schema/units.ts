import type { Ajv2020 } from 'ajv/dist/2020.js';
import type { Side, SkipReason } from '../../../core/contract.ts';
import type { Documents, Node, Place } from '../document/documents.ts';
import { lookUp } from '../document/pointer.ts';
import { type Check, type SchemaError, type Slot, budget, makeAjv } from './ajv.ts';
import { DynamicAnchors } from './dynamic-anchors.ts';
import { SchemaFault } from './fault.ts';
import type { Dialect, Nullable } from './keywords.ts';
import { type Normal, normalise } from './normalise.ts';
import { ReadOnly } from './read-only.ts';

export interface SchemaSetOptions {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly nullable: Nullable;
  readonly formats: 'assert' | 'annotate';
}

/** `true`: the value fits; else its errors, or why it could not be judged. */
export type Judgement = true | readonly SchemaError[] | SkipReason;

/** Steps that any judgement may take, and as many again for each byte: see `budget`. */
const BASE_STEPS = 200_000;
const STEPS_PER_BYTE = 2;

/** Larger values that fail are reported with the first error alone: walking on costs an object for each further one. */
const FULL_LIST_BYTES = 128 * 1024;

/** See `compileNext`. */
const FIRST_TWINS = 15;

/** One schema of the document as one side of an exchange sees it: compiled when it is first needed, and alone. */
export class Unit {
  readonly key: string;
  readonly place: Place;
  /** Stops at the first error. */
  readonly fast: LazySlot;
  /** Goes on to the end. */
  readonly full: LazySlot;
  readonly #set: SchemaSet;
  readonly #side: Side;
  readonly #exempt: readonly string[];
  #normal: Normal | SchemaFault | undefined;

  constructor(set: SchemaSet, key: string, place: Place, side: Side, exempt: readonly string[]) {
    this.#set = set;
    this.key = key;
    this.place = place;
    this.#side = side;
    this.#exempt = exempt;
    this.fast = new LazySlot(key, () => set.compile(this.normal(), 'fast'));
    this.full = new LazySlot(key, () => set.compile(this.normal(), 'full'));
  }

  /** Throws SchemaFault where the schema has no normal form. */
  normal(): Normal {
    if (this.#normal === undefined) {
      const value = lookUp(this.place.file.value, this.place.pointer);
      try {
        this.#normal = normalise({ ...this.place, value }, this.#side, this.#exempt, this.#set);
      } catch (error) {
        this.#normal = error instanceof SchemaFault ? error : new SchemaFault('no_schema', 'cannot be read');
      }
    }
    if (this.#normal instanceof SchemaFault) throw this.#normal;
    return this.#normal;
  }

  /** `bytes`: how large the value is as text. Never throws. */
  judge(value: unknown, bytes: number): Judgement {
    try {
      budget.left = BASE_STEPS + STEPS_PER_BYTE * bytes;
      if (this.fast.validate(value)) return true;
      return (bytes <= FULL_LIST_BYTES ? this.#all(value, bytes) : undefined) ?? this.fast.take();
    } catch (error) {
      if (error instanceof SchemaFault) return error.reason;
      // Deeper than the stack: recursion in the schema follows the depth of the value.
      return 'too_large';
    }
  }

  #all(value: unknown, bytes: number): readonly SchemaError[] | undefined {
    try {
      budget.left = BASE_STEPS + STEPS_PER_BYTE * bytes;
      return this.full.validate(value) ? undefined : this.full.take();
    } catch {
      // That it fails is known; going on met something that cannot be judged.
      return undefined;
    }
  }

  /** Why this schema by itself cannot be compiled; undefined: it can. Compiles it if it was not. */
  fault(): string | undefined {
    return this.fast.prepare();
  }
}

class LazySlot implements Slot {
  readonly key: string;
  validate: Check;
  readonly #make: () => Check;
  #fault: SchemaFault | undefined;
  #ready = false;

  constructor(key: string, make: () => Check) {
    this.key = key;
    this.#make = make;
    this.validate = (data, at) => {
      this.prepare();
      return this.validate(data, at);
    };
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Compiles now. Gives why it cannot be done. */
  prepare(): string | undefined {
    if (this.#ready) return this.#fault?.message;
    this.#ready = true;
    try {
      this.validate = this.#make();
    } catch (error) {
      const message = error instanceof Error ? error.message : 'cannot be compiled';
      const fault = error instanceof SchemaFault ? error : new SchemaFault('no_schema', message);
      this.#fault = fault;
      this.validate = () => {
        throw fault;
      };
    }
    return this.#fault?.message;
  }

  take(): readonly SchemaError[] {
    const errors = this.validate.errors ?? [];
    this.validate.errors = null;
    for (const error of errors) error.unit ??= this.key;
    return errors;
  }
}

/** Every schema of a contract that something asked for, by place and side. */
export class SchemaSet {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly nullable: Nullable;
  readonly readOnly: ReadOnly;
  readonly #formats: 'assert' | 'annotate';
  readonly #unevaluated: boolean;
  readonly #anchors: DynamicAnchors;
  readonly #units = new Map<string, Unit>();
  /** Units that nobody has compiled yet, in the order in which they were first mentioned. */
  readonly #waiting: Unit[] = [];
  #next = 0;
  #twins = 0;
  readonly #ajv = new Map<string, Ajv2020>();

  constructor(options: SchemaSetOptions) {
    this.documents = options.documents;
    this.dialect = options.dialect;
    this.nullable = options.nullable;
    this.#formats = options.formats;
    this.readOnly = new ReadOnly(options.documents, options.dialect);
    this.#anchors = new DynamicAnchors(options.documents);
    this.#unevaluated = [...options.documents.files.values()].some((f) => f.text.includes('unevaluated'));
  }

  unit(place: Place, side: Side, exempt: readonly string[] = []): Unit {
    // Where nothing is readOnly or writeOnly both sides are the same.
    const key = `${this.readOnly.unused ? '' : side}|${exempt.join('\0')}|${place.file.uri}#${place.pointer}`;
    let unit = this.#units.get(key);
    if (unit === undefined) {
      unit = new Unit(this, key, { file: place.file, pointer: place.pointer }, side, exempt);
      this.#units.set(key, unit);
      this.#waiting.push(unit);
    }
    return unit;
  }

  /** The unit of a key that `refer` gave. */
  byKey(key: string): Unit | undefined {
    return this.#units.get(key);
  }

  refer(node: Node, side: Side, exempt: readonly string[]): string {
    return this.unit(node, side, exempt).key;
  }

  dynamicAnchor(name: string): Node | undefined {
    return this.#anchors.only(name);
  }

  /** Compiles the next unit that waits; false where none does. */
  compileNext(): boolean {
    const unit = this.#waiting[this.#next];
    if (unit === undefined) {
      this.#waiting.length = 0;
      this.#next = 0;
      return false;
    }
    this.#next += 1;
    unit.fast.prepare();
    // Its twin is compiled when a value fails; a few are at once, so that its compiler has run as well.
    if (this.#twins < FIRST_TWINS) {
      this.#twins += 1;
      unit.full.prepare();
    }
    return true;
  }

  units(): IterableIterator<Unit> {
    return this.#units.values();
  }

  compile(normal: Normal, kind: 'fast' | 'full'): Check {
    return this.#engine(kind, normal.ownProperties).compile(normal.schema) as Check;
  }

  #engine(kind: 'fast' | 'full', ownProperties: boolean): Ajv2020 {
    const key = `${kind} ${ownProperties}`;
    let ajv = this.#ajv.get(key);
    if (ajv === undefined) {
      ajv = makeAjv({
        formats: this.#formats,
        allErrors: kind === 'full',
        ownProperties,
        unevaluated: this.#unevaluated,
        slot: (target) => {
          const unit = this.#units.get(target);
          if (unit === undefined) throw new SchemaFault('no_schema', `unknown unit ${target}`);
          return kind === 'fast' ? unit.fast : unit.full;
        },
      });
      this.#ajv.set(key, ajv);
    }
    return ajv;
  }
}
