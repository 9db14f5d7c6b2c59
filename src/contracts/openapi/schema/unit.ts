import type { SkipReason } from '../../../core/contract.ts';
import type { Place } from '../document/documents.ts';
import { lookUp } from '../document/pointer.ts';
import type { Resource } from '../document/schema-resources.ts';
import type { Check, Slot } from './ajv.ts';
import { budget, unitsFor } from './budget.ts';
import { exactJson } from './exact-json.ts';
import { DOUBTFUL, SchemaFault } from './fault.ts';
import { type Normal, normalise } from './normalise.ts';
import { ErrorList, type SchemaError } from './schema-error.ts';
import type { Reader } from './read-only.ts';
import { isDynamic, isEndless } from './unit-graph.ts';
import type { SchemaSet } from './units.ts';

/** `true`: the value fits; else its errors, or why it could not be judged. */
export type Judgement = true | readonly SchemaError[] | SkipReason;

/** Calls that are interpreted before a schema is compiled although the warm-up has not come to it. */
const INTERPRETED_CALLS = 50;

/** What calling a compiled schema costs, and each schema that it has inline. */
const UNITS_A_CALL = 4;
const UNITS_A_NODE = 4;

/** Inline schemas of a unit that is compiled: GitHub's largest has 150. */
const MAX_COMPILED = 400;

/** Schemas that one judgement may compile: one takes up to ten milliseconds, and a large body can ask for a hundred. */
const COMPILED_HERE = 1;
let compilesLeft = COMPILED_HERE;

/**
 * One schema of the document as one side of an exchange sees it. Interpreted until it is compiled: compiling takes milliseconds,
 * and the first to need a schema should not wait for it.
 */
export class Unit implements Slot {
  readonly key: string;
  readonly place: Place;
  validate: Check;
  cost = 1;
  readonly #set: SchemaSet;
  readonly #reader: Reader;
  readonly #exempt: readonly string[];
  #normal: Normal | SchemaFault | undefined;
  #calls = 0;
  #endless: boolean | undefined;
  #resource: Resource | undefined;
  #settled = false;
  #fault: SchemaFault | undefined;

  constructor(set: SchemaSet, key: string, place: Place, reader: Reader, exempt: readonly string[]) {
    this.#set = set;
    this.key = key;
    this.place = place;
    this.#reader = reader;
    this.#exempt = exempt;
    this.validate = this.#interpreted();
  }

  /** Throws SchemaFault where the schema has no normal form, or one that never comes to an end. */
  normal(): Normal {
    const normal = this.ownNormal();
    if (normal instanceof SchemaFault) throw normal;
    this.#endless ??= isEndless(this.#set, this.key);
    if (this.#endless) throw ENDLESS;
    return normal;
  }

  /** The normal form, whatever it refers to. */
  ownNormal(): Normal | SchemaFault {
    if (this.#normal === undefined) {
      const value = lookUp(this.place.file.value, this.place.pointer);
      try {
        this.#normal = normalise({ ...this.place, value }, this.#reader, this.#exempt, this.#set);
      } catch (error) {
        this.#normal = error instanceof SchemaFault ? error : new SchemaFault('no_schema', 'cannot be read');
      }
    }
    return this.#normal;
  }

  /** The schema resource that it lies in. */
  get resource(): Resource {
    this.#resource ??= this.#set.documents.resources.of(this.place.file, this.place.pointer);
    return this.#resource;
  }

  /**
   * `bytes`: how large the value is as text. `written`: the JSON that it was read from; with it numbers that reading has changed are judged as
   * they were written. Never throws.
   */
  judge(value: unknown, bytes: number, written?: string): Judgement {
    const { patience } = this.#set;
    const units = patience * unitsFor(bytes);
    let judgement: Judgement;
    try {
      budget.left = units;
      compilesLeft = patience > 1 ? Infinity : COMPILED_HERE;
      if (this.validate(value)) return true;
      judgement = this.#list(value, forListing(units), 'read');
    } catch (error) {
      if (error === DOUBTFUL && written !== undefined) return this.#judgeWritten({ value }, written, units);
      judgement = reasonOf(error);
    } finally {
      budget.left = Infinity;
    }
    // What seems wrong may be so because a number has lost digits.
    return written === undefined || judgement === 'too_large' ? judgement : this.#judgeWritten(undefined, written, units, judgement);
  }

  /** As `judge`, of a value whose numbers have lost digits when `written` was read. */
  judgeWritten(value: unknown, bytes: number, written: string): Judgement {
    return this.#judgeWritten({ value }, written, this.#set.patience * unitsFor(bytes));
  }

  /** `read`: the value to be judged where its numbers have lost nothing; without one the judgement stands that was reached. */
  #judgeWritten(
    read: { readonly value: unknown } | undefined,
    written: string,
    units: number,
    reached: Judgement = 'unsupported',
  ): Judgement {
    try {
      budget.left = units;
      const exact = exactJson(written) ?? read;
      if (exact === undefined) return reached;
      return this.#set.interpreter.runWritten(this.key, exact.value, undefined) || this.#list(exact.value, forListing(units), 'written');
    } catch (error) {
      return reasonOf(error);
    } finally {
      budget.left = Infinity;
    }
  }

  /** What is wrong with a value that a validator has refused. */
  #list(value: unknown, units: number, numbers: 'read' | 'written'): Judgement {
    const list = new ErrorList();
    budget.left = units;
    try {
      const { interpreter } = this.#set;
      if (numbers === 'read') interpreter.run(this.key, value, list);
      else interpreter.runWritten(this.key, value, list);
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
      // What Ajv would misjudge, and what depends on the way that led to it, stays with the interpreter.
      // So does what the compiler, of Ajv and of V8, would take long for in one piece.
      if (!normal.interpretOnly && normal.nodes <= MAX_COMPILED && !isDynamic(this.#set, this.key)) {
        this.validate = this.#set.compile(normal);
        this.cost = UNITS_A_CALL + UNITS_A_NODE * normal.nodes;
      }
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
      if (this.#calls === 1) this.#set.want(this);
      if (this.#calls >= INTERPRETED_CALLS && compilesLeft > 0) {
        compilesLeft -= 1;
        this.compile();
      }
      return this.#set.interpreter.run(this.key, value, undefined);
    };
  }
}

const ENDLESS = new SchemaFault('no_schema', 'refers to itself for the same value, without end (JSON Schema core §9.4.1)');

/** What looking for all that is wrong may cost: half as much again as finding out that something is, for that was compiled. */
function forListing(units: number): number {
  return Math.min(units, Math.max(1.5 * (units - budget.left), units / 2));
}

/** Why something that was thrown leaves no verdict. */
function reasonOf(error: unknown): SkipReason {
  if (error instanceof SchemaFault) return error.reason;
  // Deeper than the stack: recursion in the schema follows the depth of the value. Anything else would be a bug: no verdict.
  return error instanceof RangeError ? 'too_large' : 'no_schema';
}
