import type { Ast, SetItem } from './ast.ts';

/** A class of Unicode's is a table of hundreds of ranges. */
const A_PROPERTY = 20;

/** How large the linear engine's program of a pattern would be: repetitions are written out there. */
export function sizeOf(ast: Ast): number {
  switch (ast.is) {
    case 'sequence':
      return ast.items.reduce((sum, item) => sum + sizeOf(item), 1);
    case 'choice':
      return ast.options.reduce((sum, option) => sum + sizeOf(option), 1);
    case 'repeat':
      return 1 + sizeOf(ast.body) * Math.max(1, Number.isFinite(ast.max) ? ast.max : ast.min);
    case 'look':
      return sizeOf(ast.body);
    case 'set':
      return sizeOfItem(ast.set);
    case 'class':
      return ast.items.reduce((sum, item) => sum + sizeOfItem(item), 0);
    default:
      return 1;
  }
}

function sizeOfItem(item: SetItem): number {
  return item.is === 'property' ? A_PROPERTY : 1;
}
