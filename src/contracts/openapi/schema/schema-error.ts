import { MAX_VIOLATIONS } from '../../../core/contract.ts';

/** One broken rule, as the interpreter finds it. */
export interface SchemaError {
  readonly keyword: string;
  /** Key of the unit whose schema has the rule. */
  readonly unit: string;
  /** JSON pointer from the unit's schema to the keyword. */
  readonly schemaPath: string;
  /** JSON pointer into the judged value. */
  readonly instancePath: string;
  /** The same, with `*` for items of lists and members of maps. */
  readonly place: string;
  /** What the schema asks for; of the value nothing but names of properties. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What breaks the rule; undefined where the rule is about members or items. */
  readonly value?: unknown;
  /** The member that is too many. */
  readonly extra?: unknown;
}

/** The most that one judgement lists. */
export const MAX_ERRORS = MAX_VIOLATIONS;

/** Collects errors; once it is full there is no need to go on. */
export class ErrorList {
  readonly errors: SchemaError[] = [];

  get isFull(): boolean {
    return this.errors.length >= MAX_ERRORS;
  }

  add(error: SchemaError): void {
    if (!this.isFull) this.errors.push(error);
  }
}
