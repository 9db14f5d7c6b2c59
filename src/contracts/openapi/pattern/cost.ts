import type { Ast } from './ast.ts';

/**
 * How a backtracking engine's work grows on a string of n characters: at most about `factor` × n^`degree` steps. Undefined: it may
 * grow exponentially, or nobody knows.
 */
export interface Cost {
  readonly degree: number;
  readonly factor: number;
}

/** Ranges up to this many counts are choices; wider ones grow with the string like `*`. */
const FEW = 8;
const MAX_FACTOR = 5000;
const MAX_DEGREE = 6;

/** A conservative bound: it counts choices and does not ask whether they can overlap. */
export function costOf(ast: Ast): Cost | undefined {
  const cost = walk(ast);
  if (cost === undefined || cost.factor > MAX_FACTOR) return undefined;
  // Without an anchor the engine tries again from every character.
  const degree = cost.degree + (isAnchored(ast) ? 0 : 1);
  return degree > MAX_DEGREE ? undefined : { degree, factor: cost.factor };
}

function walk(ast: Ast): Cost | undefined {
  switch (ast.is) {
    case 'sequence':
      return sequence(ast.items);
    case 'choice': {
      let degree = 0;
      let factor = 0;
      for (const option of ast.options) {
        const cost = walk(option);
        if (cost === undefined) return undefined;
        degree = Math.max(degree, cost.degree);
        factor += cost.factor;
      }
      return { degree, factor };
    }
    case 'repeat':
      return repeat(ast.body, ast.min, ast.max);
    case 'look':
      return walk(ast.body);
    case 'backreference':
      return undefined;
    default:
      return { degree: 0, factor: 1 };
  }
}

function sequence(items: readonly Ast[]): Cost | undefined {
  let degree = 0;
  let highest = 0;
  let factor = 1;
  for (const item of items) {
    const cost = walk(item);
    if (cost === undefined) return undefined;
    factor *= cost.factor;
    // A look-around is atomic: its choices are not multiplied with those of what follows.
    if (item.is === 'look') highest = Math.max(highest, degree + cost.degree);
    else degree += cost.degree;
  }
  return { degree: Math.max(highest, degree), factor };
}

function repeat(body: Ast, min: number, max: number): Cost | undefined {
  const cost = walk(body);
  if (cost === undefined) return undefined;
  if (max <= 1) return { degree: cost.degree, factor: cost.factor + 1 - min };
  const plain = cost.degree === 0 && cost.factor === 1;
  if (plain) {
    const counts = max - min + 1;
    return counts === 1 ? cost : counts <= FEW ? { degree: 0, factor: counts } : { degree: 1, factor: 1 };
  }
  // The same choices again and again: bounded only where the number of times is.
  if (min !== max || max > 16) return undefined;
  return { degree: cost.degree * max, factor: cost.factor ** max };
}

function isAnchored(ast: Ast): boolean {
  if (ast.is === 'anchor') return ast.kind === '^';
  if (ast.is === 'choice') return ast.options.every(isAnchored);
  if (ast.is === 'sequence') return ast.items[0] !== undefined && isAnchored(ast.items[0]);
  return false;
}
