import type { Ajv2020 } from 'ajv/dist/2020.js';
import type { Side, SkipReason } from '../../../core/contract.ts';
import type { Documents, Node, Place } from '../document/documents.ts';
import { lookUp } from '../document/pointer.ts';
import { budget, type Check, makeAjv, type Slot } from './ajv.ts';
import { DynamicAnchors } from './dynamic-anchors.ts';
import { SchemaFault } from './fault.ts';
import { Formats } from './formats.ts';
import { Interpreter } from './interpret.ts';
import type { Dialect } from './keywords.ts';
import { type Normal, normalise } from './normalise.ts';
import { ReadOnly } from './read-only.ts';
import { ErrorList, type SchemaError } from './schema-error.ts';

export interface SchemaSetOptions {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly formats: 'assert' | 'annotate';
}

/** `true`: the value fits; else its errors, or why it could not be judged. */
export type Judgement = true | readonly SchemaError[] | SkipReason;

/** Steps that any judgement may take, and as many again for each byte. */
const BASE_STEPS = 200_000;
const STEPS_PER_BYTE = 2;

/** Calls that are interpreted before a schema is compiled although nobody warms the contract up. */
const INTERPRETED_CALLS = 50;

/**
 * One schema of the document as one side of an exchange sees it. Interpreted until it is compiled: compiling takes milliseconds,
 * and the first to need a schema should not wait for it.
 */
export class Unit implements Slot {
  readonly key: string;
  readonly place: Place;
  validate: Check;
  readonly #set: SchemaSet;
  readonly #side: Side;
  readonly #exempt: readonly string[];
  #normal: Normal | SchemaFault | undefined;
  #calls = 0;
  #settled = false;
  #fault: SchemaFault | undefined;

  constructor(set: SchemaSet, key: string, place: Place, side: Side, exempt: readonly string[]) {
    this.#set = set;
    this.key = key;
    this.place = place;
    this.#side = side;
    this.#exempt = exempt;
    this.validate = this.#interpreted();
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
    const steps = BASE_STEPS + STEPS_PER_BYTE * bytes;
    try {
      budget.left = steps;
      return this.validate(value) ? true : this.#list(value, steps);
    } catch (error) {
      if (error instanceof SchemaFault) return error.reason;
      // Deeper than the stack: recursion in the schema follows the depth of the value. Anything else would be a bug: no verdict.
      return error instanceof RangeError ? 'too_large' : 'no_schema';
    }
  }

  /** What is wrong with a value that a validator has refused. */
  #list(value: unknown, steps: number): Judgement {
    const list = new ErrorList();
    try {
      this.#set.interpreter.run(this.key, value, steps, list);
    } catch (error) {
      // That it is wrong is known; what was found before the listing had to stop will do.
      if (list.errors.length === 0) throw error;
    }
    // A validator and the interpreter that do not agree: no verdict is better than a wrong one.
    return list.errors.length > 0 ? list.errors : 'no_schema';
  }

  /** Compiles now, if that has not been done. Gives why it cannot be. */
  compile(): string | undefined {
    if (this.#settled) return this.#fault?.message;
    this.#settled = true;
    try {
      const normal = this.normal();
      // Ajv takes every item for evaluated that stands beside `contains`: such schemas stay with the interpreter.
      if (!normal.unevaluated) this.validate = this.#set.compile(normal);
    } catch (error) {
      const fault =
        error instanceof SchemaFault ? error : new SchemaFault('no_schema', error instanceof Error ? error.message : 'cannot be compiled');
      this.#fault = fault;
      this.validate = () => {
        throw fault;
      };
    }
    return this.#fault?.message;
  }

  #interpreted(): Check {
    return (value) => {
      this.#calls += 1;
      if (this.#calls === INTERPRETED_CALLS) this.compile();
      const { interpreter } = this.#set;
      const valid = interpreter.run(this.key, value, budget.left, undefined);
      budget.left = interpreter.stepsLeft;
      return valid;
    };
  }
}

/** Every schema of a contract that something asked for, by place and side. */
export class SchemaSet {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly readOnly: ReadOnly;
  readonly interpreter: Interpreter;
  readonly #formats: Formats;
  readonly #anchors: DynamicAnchors;
  readonly #units = new Map<string, Unit>();
  /** Units that nobody has compiled yet, in the order in which they were first mentioned. */
  readonly #waiting: Unit[] = [];
  #next = 0;
  readonly #ajv = new Map<boolean, Ajv2020>();

  constructor(options: SchemaSetOptions) {
    this.documents = options.documents;
    this.dialect = options.dialect;
    this.readOnly = new ReadOnly(options.documents, options.dialect);
    this.#formats = new Formats(options.formats);
    this.#anchors = new DynamicAnchors(options.documents);
    this.interpreter = new Interpreter(this, this.#formats);
  }

  unit(place: Place, side: Side, exempt: readonly string[] = []): Unit {
    // Where nothing is readOnly or writeOnly both sides are the same.
    const key = `${this.readOnly.unused ? '' : side}|${exempt.join('\0')}|${place.file.uri}#${place.pointer}`;
    const known = this.#units.get(key);
    if (known !== undefined) return known;
    const unit = new Unit(this, key, { file: place.file, pointer: place.pointer }, side, exempt);
    this.#units.set(key, unit);
    this.#waiting.push(unit);
    return unit;
  }

  byKey(key: string): Unit | undefined {
    return this.#units.get(key);
  }

  normalOf(key: string): Normal {
    return this.#known(key).normal();
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
    unit.compile();
    return true;
  }

  units(): IterableIterator<Unit> {
    return this.#units.values();
  }

  compile(normal: Normal): Check {
    return this.#engine(normal.ownProperties).compile(normal.schema) as Check;
  }

  #engine(ownProperties: boolean): Ajv2020 {
    const known = this.#ajv.get(ownProperties);
    if (known !== undefined) return known;
    const ajv = makeAjv({ formats: this.#formats, ownProperties, slot: (key) => this.#known(key) });
    this.#ajv.set(ownProperties, ajv);
    return ajv;
  }

  #known(key: string): Unit {
    const unit = this.#units.get(key);
    if (unit === undefined) throw new SchemaFault('no_schema', `unknown schema ${key}`);
    return unit;
  }
}
