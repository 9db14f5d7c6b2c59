import type { Ast, SetItem } from './ast.ts';
import { PatternError } from './parse.ts';

/** Spelt out where RE2 means less than ECMA-262 does (§22.2.2.9 WhiteSpace and LineTerminator). */
const SPACE = '\\t\\n\\x{b}\\f\\r\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const ANY = '[^\\n\\r\\x{2028}\\x{2029}]';

/** The same expression in the syntax of RE2. Throws PatternError for what RE2 cannot do: look-around and references. */
export function toRe2(ast: Ast): string {
  switch (ast.is) {
    case 'sequence':
      return ast.items.map(toRe2).join('');
    case 'choice':
      return `(?:${ast.options.map(toRe2).join('|')})`;
    case 'char':
      return point(ast.code);
    case 'any':
      return ANY;
    case 'set':
      return set(ast.set, false);
    case 'class':
      return charClass(ast.negated, ast.items);
    case 'anchor':
      return ast.kind.length === 1 && /[bB]/.test(ast.kind) ? `\\${ast.kind}` : ast.kind;
    case 'repeat':
      return `(?:${toRe2(ast.body)})${bounds(ast.min, ast.max)}`;
    case 'look':
      throw new PatternError('look-around');
    case 'backreference':
      throw new PatternError('references to groups');
  }
}

function bounds(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function point(code: number): string {
  return `\\x{${code.toString(16)}}`;
}

function charClass(negated: boolean, items: readonly SetItem[]): string {
  // `[]` matches nothing and `[^]` everything; RE2 knows neither.
  if (items.length === 0) return negated ? '(?s:.)' : '[^\\x{0}-\\x{10ffff}]';
  return `[${negated ? '^' : ''}${items.map((item) => set(item, true)).join('')}]`;
}

function set(item: SetItem, inClass: boolean): string {
  if (item.is === 'range') return item.from === item.to ? point(item.from) : `${point(item.from)}-${point(item.to)}`;
  if (item.is === 'property') return `\\${item.negated ? 'P' : 'p'}{${propertyName(item.name)}}`;
  if (item.letter === 's') return inClass ? SPACE : `[${SPACE}]`;
  if (item.letter !== 'S') return `\\${item.letter}`;
  if (inClass) throw new PatternError('\\S in a class');
  return `[^${SPACE}]`;
}

/** RE2 knows general categories by their short names and scripts by theirs. */
function propertyName(name: string): string {
  const script = /^(?:Script|sc)=(\w+)$/.exec(name)?.[1];
  if (script !== undefined) return script;
  if (/^(?:[CLMNPSZ][a-z]?)$/.test(name)) return name;
  throw new PatternError(`\\p{${name}}`);
}
