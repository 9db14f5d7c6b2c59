import type { Found } from './found.ts';
import type { Formula, Term } from './formula.ts';

/** A member that the document knows. */
export interface Member {
  readonly name: string;
  readonly term: Term;
  /** Of its value; undefined: there is nothing to look for in it. UNSEEN: no value of it has come yet. */
  state: State | undefined;
  /** What came after it the last time: nearly always it comes again. */
  next: Member | undefined;
}

/** What becomes of a member that has no name in the schema. */
export type Otherwise =
  | 'free'
  | 'unknown'
  /** Its value has schemas: `State.other`. */
  | 'map'
  /** Its name decides. */
  | 'pattern';

export interface RuledText {
  readonly fits: (text: string) => boolean;
  readonly found: Found;
}

/**
 * What a value is looked through for, prepared: the schemas that may be meant where it stands, as one table of the members that any of them knows.
 * Made when a value first comes there, and the tables when an object or a list does.
 */
export class State {
  readonly term: Term;
  readonly formula: Formula;
  readonly texts: readonly RuledText[];
  /** Tables are there. */
  ready = false;
  members: ReadonlyMap<string, Member> = NO_MEMBERS;
  /** With which an object began the last time. */
  first: Member | undefined;
  otherwise: Otherwise = 'free';
  other: Member | undefined;
  /** By name, of those whose patterns decide; bounded. */
  matched: Map<string, Otherwise | Member> | undefined;
  /** Of items by position, and of the rest. */
  prefix: readonly Member[] = NO_PREFIX;
  items: Member | undefined;
  /** Members that it does not know and that have come, by name; bounded. */
  readonly strangers = new Map<string, Found>();
  /** Where such a member would have to be declared. */
  ownerPointer = '';

  constructor(term: Term, formula: Formula, texts: readonly RuledText[]) {
    this.term = term;
    this.formula = formula;
    this.texts = texts;
  }
}

const NO_MEMBERS: ReadonlyMap<string, Member> = new Map();
const NO_PREFIX: readonly Member[] = [];

/** Stands for a state that nobody has asked for yet. */
export const UNSEEN = new State({ nodes: [], groups: [], open: false }, { atoms: [], groups: [], open: false, types: 0 }, []);
