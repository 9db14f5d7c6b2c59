/**
 * `import { a as b } from 'node:http'` as `const { a: b } = process.getBuiltinModule('node:http')`.
 *
 * An import of one of Node's own modules reads every export of it, the lazy ones too: `node:http` then loads the undici inside Node for
 * `WebSocket`, which costs 6 MB of memory and 60 ms, and nobody uses it. Lines stay where they are, so a source map goes on being right.
 * @throws where a chunk imports one in a form that is not known here.
 */
export function withoutBuiltinImports(code: string, isBuiltin: (name: string) => boolean): string {
  return code.replace(IMPORT, (statement: string, clause: string | undefined, _quote: string, name: string) => {
    if (!isBuiltin(name)) return statement;
    const got = `process.getBuiltinModule(${JSON.stringify(name)})`;
    if (clause === undefined) return `${got};`;
    return `const ${binding(clause.trim(), got)};`;
  });
}

/** Whole statements at the beginning of a line: how the bundler writes them, before it takes the white space away. */
const IMPORT = /^import\s*(?:([\w$*{}\s,]+?)\s*from\s*)?(["'])([\w:/.-]+)\2;?/gm;

function binding(clause: string, got: string): string {
  const [, first, rest] = /^([\w$]+)?\s*,?\s*(.*)$/s.exec(clause) as unknown as [string, string | undefined, string];
  const parts = first === undefined ? [] : [`${first} = ${got}`];
  const namespace = /^\*\s*as\s+([\w$]+)$/.exec(rest)?.[1];
  if (namespace !== undefined) return [...parts, `${namespace} = ${got}`].join(', ');
  if (rest === '') return parts.join(', ');
  if (!/^\{[\w$\s,]*\}$/.test(rest)) throw new Error(`an import of a form that is not known here: import ${clause}`);
  return [...parts, `${rest.replace(/([\w$]+)\s+as\s+/g, '$1: ')} = ${got}`].join(', ');
}
