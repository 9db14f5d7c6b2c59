import type { SchemaError } from './schema-error.ts';

const WRONG_TYPE = 1e6;
const WRONG_KIND = 1e3;

/**
 * Of a failed `oneOf` or `anyOf` the errors of the branch that came nearest: that is what a person must change. Undefined: every
 * branch is meant for values of another type, and all that can be said is that none fits.
 */
export function nearest(branches: ReadonlyArray<readonly SchemaError[]>, instancePath: string): readonly SchemaError[] | undefined {
  let best: readonly SchemaError[] | undefined;
  let least = WRONG_TYPE;
  for (const branch of branches) {
    const far = distance(branch, instancePath);
    if (branch.length > 0 && far < least) {
      best = branch;
      least = far;
    }
  }
  return best;
}

/** A branch meant for another type is farthest; then one whose tag (`const` or `enum` of a member) says another kind; then by errors. */
function distance(branch: readonly SchemaError[], at: string): number {
  let far = 0;
  for (const error of branch) {
    const isTag = error.keyword === 'const' || error.keyword === 'enum';
    if (error.keyword === 'type' && error.instancePath === at) far += WRONG_TYPE;
    else far += isTag && !error.instancePath.slice(at.length + 1).includes('/') ? WRONG_KIND : 1;
  }
  return far;
}
