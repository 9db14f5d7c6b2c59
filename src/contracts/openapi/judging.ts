import type { Location, Outcome, Side, SkipReason, Trait, Violation } from '../../core/contract.ts';
import { VALID } from '../../core/contract.ts';
import type { Documents, Node, Place } from './document/documents.ts';
import type { States } from './drift/states.ts';
import type { Vocabulary } from './drift/vocabulary.ts';
import type { DeprecatedMembers } from './schema/deprecated-members.ts';
import type { Dialect } from './schema/keywords.ts';
import type { Shapes } from './schema/shape.ts';
import type { Unit } from './schema/unit.ts';
import type { SchemaSet } from './schema/units.ts';
import { MAX_ERRORS, type SchemaError } from './schema/schema-error.ts';
import { type SpecPointers, violationsOf } from './schema/violations.ts';

/** What all operations of a contract share. */
export interface Judging {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly schemas: SchemaSet;
  readonly deprecated: DeprecatedMembers;
  readonly drift: States;
  readonly vocabulary: Vocabulary;
  readonly shapes: Shapes;
  readonly pointers: SpecPointers;
  /** `info.title`, for challenges. */
  readonly title: string;
}

/** Collects what is found about one message; a violation counts more than what could not be judged. */
export class Findings {
  readonly #judging: Judging;
  readonly side: Side;
  #violations: Violation[] | undefined;
  #skipped: SkipReason | undefined;

  constructor(judging: Judging, side: Side) {
    this.#judging = judging;
    this.side = side;
  }

  add(rule: string, location: Location, pointer: string, place: Place, detail: string, trait?: Trait): void {
    const specPointer = this.#judging.pointers.of(place);
    this.push({ rule, side: this.side, location, pointer, specPointer, detail, ...(trait !== undefined && { trait }) });
  }

  push(violation: Violation): void {
    this.#violations ??= [];
    if (this.#violations.length < MAX_ERRORS) this.#violations.push(violation);
  }

  get violations(): readonly Violation[] {
    return this.#violations ?? NONE;
  }

  /** As many violations as are told of one message. */
  get full(): boolean {
    return this.#violations !== undefined && this.#violations.length >= MAX_ERRORS;
  }

  skip(reason: SkipReason): void {
    this.#skipped ??= reason;
  }

  /** What somebody else found in the same message. */
  take(outcome: Outcome): void {
    if (outcome.is === 'invalid') for (const violation of outcome.violations) this.push(violation);
    if (outcome.is === 'skipped') this.skip(outcome.reason);
  }

  /** Judges a value and notes what is wrong with it. `written`: the JSON that it was read from, where it was (`Unit.judge`). */
  judge(unit: Unit, value: unknown, bytes: number, location: Location, prefix: string, written?: string | null): void {
    const judgement = unit.judge(value, bytes, written ?? undefined);
    if (judgement === true) return;
    if (typeof judgement === 'string') {
      this.skip(judgement);
      return;
    }
    this.list(judgement, location, prefix);
  }

  /** What a judgement found. */
  list(errors: readonly SchemaError[], location: Location, prefix: string): void {
    for (const v of violationsOf(errors, this.#judging.schemas, this.#judging.pointers, { side: this.side, location, prefix }))
      this.push(v);
  }

  outcome(): Outcome {
    if (this.#violations !== undefined)
      return { is: 'invalid', violations: this.#violations, ...(this.#skipped !== undefined && { skipped: this.#skipped }) };
    return this.#skipped === undefined ? VALID : { is: 'skipped', reason: this.#skipped };
  }
}

const NONE: readonly Violation[] = [];

/** The unit of a schema that may be missing. `true` and `{}` say nothing: then there is none. */
export function unitOf(judging: Judging, schema: Node | undefined, side: Side): Unit | undefined {
  if (schema === undefined || schema.value === true) return undefined;
  return judging.schemas.unit(schema, side);
}
