import { parseSync } from 'oxc-parser';

/** A node of the syntax tree (ESTree with TypeScript's), as far as the rules need to know it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface Parsed {
  readonly program: Node;
  /** Line, from 1, of an offset. */
  lineOf(offset: number): number;
}

/** @throws where the text is not TypeScript: nothing can be said of such a file, so nothing may be passed over. */
export function parse(file: string, text: string): Parsed {
  const { program, errors } = parseSync(file, text);
  const error = errors[0];
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  return {
    program: program as unknown as Node,
    lineOf: (offset) => text.slice(0, offset).split('\n').length,
  };
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Calls `visit` for each node below `node` with its parent and the parent's key for it, outermost first. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined, key: string) => void): void {
  const step = (n: Node, parent: Node | undefined, key: string): void => {
    visit(n, parent, key);
    for (const [k, value] of Object.entries(n)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) step(child, n, k);
    }
  };
  step(node, undefined, '');
}

/** The name of an identifier or the value of a string (a template without parts is one too); undefined for all else. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return node.name as string;
  return stringOf(node);
}

export function stringOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  const quasis = node.type === 'TemplateLiteral' ? (node.quasis as ReadonlyArray<{ value: { cooked: string } }>) : [];
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined;
}
