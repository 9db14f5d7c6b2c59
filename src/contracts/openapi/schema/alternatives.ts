import { escapeToken } from '../document/pointer.ts';
import type { Params } from './assertions.ts';
import type { Unmapped } from './discriminator.ts';
import type { SchemaError } from './schema-error.ts';

const WRONG_TYPE = 1e9;
const WRONG_TAG = 1e6;
const WRONG_CHOICE = 1e4;
const MISSING = 1e2;
const UNKNOWN = 10;

type Branches = ReadonlyArray<readonly SchemaError[]>;

/**
 * Of a failed `oneOf` or `anyOf` the errors of the branch that was meant: that is what a person must change. It is the one that the discriminator
 * names, else the nearest. Params for the alternatives as a whole: no branch was, and that is all there is to say.
 */
export function meantBranch(failed: Branches, at: string, named: number | Unmapped | undefined): readonly SchemaError[] | Params {
  const branches = typeof named === 'object' ? taking(failed, `${at}/${escapeToken(named.discriminator)}`) : failed;
  const branch = typeof named === 'number' ? failed[named] : nearest(branches, at);
  if (branch !== undefined && branch.length > 0) return branch;
  return typeof named === 'object' ? { ...named } : { types: typesOf(failed, at) };
}

/** Where some branches refuse the value of the property that names one, those that take it: then it means something after all. */
function taking(failed: Branches, property: string): Branches {
  const taken = failed.filter((branch) => !branch.some(({ instancePath }) => instancePath === property));
  return taken.length < failed.length ? taken : [];
}

/** Undefined: every branch is meant for values of another type, and all that can be said is that none fits. */
function nearest(branches: Branches, at: string): readonly SchemaError[] | undefined {
  let best: readonly SchemaError[] | undefined;
  let least = WRONG_TYPE;
  for (const branch of branches) {
    const far = distance(branch, at);
    if (branch.length > 0 && far < least) {
      best = branch;
      least = far;
    }
  }
  return best;
}

/** The types that the branches ask for, each once. */
function typesOf(branches: Branches, at: string): readonly string[] {
  const types = new Set<string>();
  for (const error of branches.flat())
    if (isAbout(error, at, 'type')) for (const type of [error.params.type].flat()) types.add(String(type));
  return [...types];
}

/**
 * A branch meant for another type is farthest; then one whose tag, a constant member, says another kind; then one of whose choices none was
 * taken; then one that lacks members, or has some too many; then by errors.
 */
function distance(branch: readonly SchemaError[], at: string): number {
  let far = 0;
  for (const error of branch) {
    if (isAbout(error, at, 'type')) far += WRONG_TYPE;
    else if (isMember(error, at) && isTag(error)) far += WRONG_TAG;
    else if (isMember(error, at) && error.keyword === 'enum') far += WRONG_CHOICE;
    else if (isAbout(error, at, 'required')) far += MISSING;
    else far += isAbout(error, at, 'additionalProperties') || isAbout(error, at, 'unevaluatedProperties') ? UNKNOWN : 1;
  }
  return far;
}

function isAbout(error: SchemaError, at: string, keyword: string): boolean {
  return error.keyword === keyword && error.instancePath === at;
}

/** Of the value itself or of a member of it, not deeper. */
function isMember(error: SchemaError, at: string): boolean {
  return !error.instancePath.slice(at.length + 1).includes('/');
}

function isTag({ keyword, params }: SchemaError): boolean {
  return keyword === 'const' || (keyword === 'enum' && Array.isArray(params.allowedValues) && params.allowedValues.length === 1);
}
