import { type Segment, comparePrecedence, matchSegment, segmentsOf } from '../match/template.ts';
import type { OperationModel } from '../model.ts';
import type { LintParts } from './parts.ts';

/** Pairs of templates that are compared: those of 2,000 paths of one length. */
const MAX_PAIRS = 2_000_000;

/** Paths that no request reaches, and pairs of which it is doubtful which one a request means. */
export function lintPaths(parts: LintParts): void {
  lintReach(parts);
  lintOverlaps(parts);
}

function lintReach({ model, contract, context }: LintParts): void {
  const { problems } = context;
  for (const operation of model.operations) {
    const { template, id, place } = operation;
    if (/\/\//.test(template) || /\/\.{1,2}(?:\/|$)/.test(template))
      problems.warning('unreachable_path', place, `${template} has empty or dot segments, which no request brings this far`);
    for (const { path, by } of contract.shadowedOf(id))
      problems.warning('unreachable_path', place, `${id} is never reached at ${path}: ${by} is at the same path, through another server`);
  }
}

interface Path {
  readonly template: string;
  readonly segments: readonly Segment[];
  readonly operations: OperationModel[];
}

/** Templates of which the one is more concrete in one segment and the other in another: 3.1.1 §4.8.8.2 leaves open which one is meant. */
function lintOverlaps({ model, context }: LintParts): void {
  const byLength = new Map<number, Map<string, Path>>();
  for (const operation of model.operations) {
    const { template } = operation;
    if (!template.includes('{')) continue;
    const segments = segmentsOf(template);
    const paths = byLength.get(segments.length) ?? new Map<string, Path>();
    byLength.set(segments.length, paths);
    const path = paths.get(template) ?? { template, segments, operations: [] };
    paths.set(template, path);
    path.operations.push(operation);
  }
  let pairs = 0;
  for (const paths of byLength.values()) {
    const all = [...paths.values()];
    for (const [i, a] of all.entries()) {
      for (const b of all.slice(i + 1)) {
        pairs += 1;
        if (pairs > MAX_PAIRS) return;
        const both = crossing(a.segments, b.segments);
        if (both === undefined) continue;
        for (const operation of b.operations) {
          const rival = a.operations.find(({ method }) => method === operation.method);
          if (rival !== undefined) report(a, b, rival, operation, both, context.problems);
        }
      }
    }
  }
}

function report(
  a: Path,
  b: Path,
  ofA: OperationModel,
  ofB: OperationModel,
  path: string,
  problems: LintParts['context']['problems'],
): void {
  const order = comparePrecedence(a.segments, b.segments);
  const [winner, loser, at] = order <= 0 ? [a, b, ofB] : [b, a, ofA];
  const message = `${at.method} ${path} fits ${loser.template} and ${winner.template}: the specification leaves open which one is meant`;
  if (order === 0) problems.warning('overlapping_paths', at.place, `${message}; here the one that stands first is taken`);
  else problems.info('overlapping_paths', at.place, `${message}; here it is ${winner.template}`);
}

/** A path that fits both, where neither is the more concrete one throughout; undefined: there is none, or no doubt. */
function crossing(a: readonly Segment[], b: readonly Segment[]): string | undefined {
  let aIsTighter = false;
  let bIsTighter = false;
  let path = '';
  for (const [i, left] of a.entries()) {
    const right = b[i] as Segment;
    const met = meet(left, right);
    if (met === undefined) return undefined;
    if (met.tighter === 'left') aIsTighter = true;
    if (met.tighter === 'right') bIsTighter = true;
    if (met.tighter === 'neither') aIsTighter = bIsTighter = true;
    path += `/${met.text}`;
  }
  return aIsTighter && bIsTighter ? path : undefined;
}

interface Met {
  readonly text: string;
  readonly tighter: 'left' | 'right' | 'same' | 'neither';
}

/** A text that fits both segments, and which of them takes less. Undefined: none that could be found. */
function meet(left: Segment, right: Segment): Met | undefined {
  const [l, r] = [literalOf(left), literalOf(right)];
  if (l !== undefined && r !== undefined) return l === r ? { text: l, tighter: 'same' } : undefined;
  if (l !== undefined) return matchSegment(right, l) === undefined ? undefined : { text: l, tighter: 'left' };
  if (r !== undefined) return matchSegment(left, r) === undefined ? undefined : { text: r, tighter: 'right' };
  if (left.literals.join('\0') === right.literals.join('\0')) return { text: sample(left), tighter: 'same' };
  if (matchSegment(right, sample(left)) !== undefined) return { text: sample(left), tighter: 'left' };
  if (matchSegment(left, sample(right)) !== undefined) return { text: sample(right), tighter: 'right' };
  const joined = `${left.literals[0]}${right.literals[0]}x${left.literals.at(-1)}${right.literals.at(-1)}`;
  return matchSegment(left, joined) !== undefined && matchSegment(right, joined) !== undefined
    ? { text: joined, tighter: 'neither' }
    : undefined;
}

function literalOf({ literals, names }: Segment): string | undefined {
  return names.length === 0 ? literals[0] : undefined;
}

/** A text that fits a segment with parameters. */
function sample({ literals, names }: Segment): string {
  return literals.map((literal, i) => literal + (i < names.length ? (names[i] as string).replaceAll(/[^\w-]/g, '_') || 'x' : '')).join('');
}
