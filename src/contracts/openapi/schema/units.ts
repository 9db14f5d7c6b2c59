import type { Ajv2020 } from 'ajv/dist/2020.js';
import type { Documents, Node, Place } from '../document/documents.ts';
import { lookUp } from '../document/pointer.ts';
import type { Resource } from '../document/schema-resources.ts';
import { type Check, compileQuiet, makeAjv } from './ajv.ts';
import { SchemaFault } from './fault.ts';
import { Formats } from './formats.ts';
import { Interpreter } from './interpret.ts';
import type { Dialect } from './keywords.ts';
import { type DynamicRef, exemptFor, type Normal } from './normalise.ts';
import { type Reader, ReadOnly } from './read-only.ts';
import { Unit } from './unit.ts';

export interface SchemaSetOptions {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly formats: 'assert' | 'annotate';
  /** How many times as long as on the event loop a judgement may take. */
  readonly patience?: number;
}

/** Every schema of a contract that something asked for, by place and reader. */
export class SchemaSet {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly readOnly: ReadOnly;
  readonly interpreter: Interpreter;
  readonly patience: number;
  readonly #formats: Formats;
  readonly #units = new Map<string, Unit>();
  /** Where a schema was first met: YAML aliases put one in many places, or within itself, and in one resource it means the same. */
  readonly #first = new WeakMap<object, Place>();
  /** Units that nobody has compiled yet, in the order in which they were first mentioned. */
  readonly #waiting: Unit[] = [];
  #next = 0;
  /** Those of them that a message has met. */
  readonly #wanted: Unit[] = [];
  readonly #ajv = new Map<boolean, Ajv2020>();

  constructor(options: SchemaSetOptions) {
    this.documents = options.documents;
    this.dialect = options.dialect;
    this.patience = options.patience ?? 1;
    this.readOnly = new ReadOnly(options.documents, options.dialect);
    this.#formats = new Formats(options.formats, options.dialect);
    this.interpreter = new Interpreter(this, this.#formats);
  }

  unit(place: Place, as: Reader, exempt: readonly string[] = []): Unit {
    // Where nothing is readOnly or writeOnly both sides are the same.
    const key = `${this.readOnly.unused ? '' : as}|${exempt.join('\0')}|${place.file.uri}#${place.pointer}`;
    const known = this.#units.get(key);
    if (known !== undefined) return known;
    const unit = new Unit(this, key, { file: place.file, pointer: place.pointer }, as, exempt);
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

  refer(node: Node, as: Reader, exempt: readonly string[]): string {
    return this.unit(this.#firstOf(node), as, exempt).key;
  }

  #firstOf({ file, pointer, value }: Node): Place {
    if (typeof value !== 'object' || value === null) return { file, pointer };
    const place = { file, pointer };
    const first = this.#first.get(value);
    if (first === undefined) this.#first.set(value, place);
    else if (first.pointer !== pointer && this.#resourceAt(first) === this.#resourceAt(place)) return first;
    return place;
  }

  #resourceAt({ file, pointer }: Place): Resource {
    return this.documents.resources.of(file, pointer);
  }

  resourceOf(key: string): Resource | undefined {
    return this.documents.resources.isDynamic ? this.#known(key).resource : undefined;
  }

  dynamicUnit({ anchor: name, as, exempt }: DynamicRef, { file, anchors }: Resource): string | undefined {
    const anchor = anchors.get(name);
    if (anchor === undefined || !anchor.dynamic) return undefined;
    if (anchor.ambiguous) throw new SchemaFault('no_schema', `several places of ${file.uri} have the anchor ${name}`);
    const target = { file, pointer: anchor.pointer, value: lookUp(file.value, anchor.pointer) };
    return this.refer(target, as, exemptFor(this.readOnly, target, exempt, as));
  }

  /** A message has met this unit: it is compiled before those that none has. */
  want(unit: Unit): void {
    this.#wanted.push(unit);
  }

  /** Compiles the next unit that waits; false where none does. */
  compileNext(): boolean {
    const wanted = this.#wanted.pop();
    if (wanted !== undefined) {
      wanted.compile();
      return true;
    }
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
    return compileQuiet(this.#engine(normal.ownProperties), normal.schema);
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
