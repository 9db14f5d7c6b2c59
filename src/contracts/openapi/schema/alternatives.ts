import type { SchemaError } from './ajv.ts';

interface Placed {
  readonly error: SchemaError;
  /** The way of evaluation from the judged schema to the rule, through references. */
  readonly path: string;
}

const BRANCHING: ReadonlySet<string> = new Set(['oneOf', 'anyOf']);

/**
 * Of a failed `oneOf` or `anyOf` only the errors of the branch that came nearest, not those of all; of one that every branch
 * refuses for its type, just that it failed. What remains is what a person must change.
 */
export function nearest(errors: readonly SchemaError[]): SchemaError[] {
  let left: Placed[] = errors.filter((e) => e.propertyName === undefined).map((error) => ({ error, path: pathOf(error) }));
  const branching = left.filter((p) => BRANCHING.has(p.error.keyword)).sort((a, b) => b.path.length - a.path.length);
  for (const of of branching) {
    if (!left.includes(of)) continue;
    const within = left.filter((p) => p !== of && isWithin(p, of));
    if (within.length === 0) continue;
    const best = Array.isArray(of.error.params.passingSchemas) ? undefined : bestBranch(within, of);
    const dropped = new Set<Placed>(within);
    if (best !== undefined) {
      for (const p of best) dropped.delete(p);
      dropped.add(of);
    }
    left = left.filter((p) => !dropped.has(p));
  }
  if (left.length > 1) left = left.filter((p) => p.error.keyword !== 'if');
  return left.map((p) => p.error);
}

function pathOf(error: SchemaError): string {
  return error.via === undefined ? error.schemaPath : [...error.via].reverse().join('') + error.schemaPath;
}

function isWithin(p: Placed, of: Placed): boolean {
  if (!p.path.startsWith(`${of.path}/`)) return false;
  const at = of.error.instancePath;
  return p.error.instancePath === at || p.error.instancePath.startsWith(`${at}/`);
}

/** Undefined: no branch takes a value of this type at all. */
function bestBranch(within: readonly Placed[], of: Placed): readonly Placed[] | undefined {
  const branches = new Map<string, Placed[]>();
  for (const p of within) {
    const index = /^\d+/.exec(p.path.slice(of.path.length + 1))?.[0] ?? '';
    const branch = branches.get(index);
    if (branch === undefined) branches.set(index, [p]);
    else branch.push(p);
  }
  let best: readonly Placed[] | undefined;
  let bestScore = Infinity;
  for (const branch of branches.values()) {
    const score = distance(branch, of.error.instancePath);
    if (score < bestScore) {
      best = branch;
      bestScore = score;
    }
  }
  return bestScore >= WRONG_TYPE ? undefined : best;
}

const WRONG_TYPE = 1e6;
const WRONG_KIND = 1e3;

/** A branch meant for another type is farthest; then one whose tag (`const` or `enum` of a member) says another kind; then by errors. */
function distance(branch: readonly Placed[], at: string): number {
  let score = 0;
  for (const { error } of branch) {
    if (error.instancePath === at && error.keyword === 'type') score += WRONG_TYPE;
    else if ((error.keyword === 'const' || error.keyword === 'enum') && !error.instancePath.slice(at.length + 1).includes('/'))
      score += WRONG_KIND;
    else score += 1;
  }
  return score;
}
