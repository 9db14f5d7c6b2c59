import { type Node, type Parsed, stringOf, walk } from './syntax.ts';

/** One place where a module is named, in whatever form: import, export from, `import()`, `require()`, a type's `import()`. */
export interface Import {
  /** Undefined where it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** Erased before it runs: nothing is loaded. */
  readonly typeOnly: boolean;
  /** What is taken by name; `*` for the whole module, `default` for its default. Types are left out. */
  readonly names: readonly string[];
}

export function importsOf({ program, lineOf }: Parsed): Import[] {
  const found: Import[] = [];
  walk(program, (node) => {
    const one = read(node);
    if (one !== undefined) found.push({ ...one, line: lineOf(node.start) });
  });
  return found;
}

function read(node: Node): Omit<Import, 'line'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
      return node.source === null ? undefined : declared(node);
    case 'ExportAllDeclaration':
      return { specifier: stringOf(node.source), typeOnly: node.exportKind === 'type', names: ['*'] };
    case 'TSImportType':
      return { specifier: stringOf(node.source), typeOnly: true, names: [] };
    case 'ImportExpression':
      return { specifier: stringOf(node.source), typeOnly: false, names: ['*'] };
    case 'CallExpression': {
      // Modules have no `require` of their own: it is a function of that name, or made by createRequire.
      const callee = node.callee as Node;
      const specifier = callee.type === 'Identifier' && callee.name === 'require' ? stringOf((node.arguments as Node[])[0]) : undefined;
      return specifier === undefined ? undefined : { specifier, typeOnly: false, names: ['*'] };
    }
    default:
      return undefined;
  }
}

function declared(node: Node): Omit<Import, 'line'> {
  const specifiers = node.specifiers as Node[];
  const values = specifiers.filter((s) => s.importKind !== 'type' && s.exportKind !== 'type');
  const allTypes = node.importKind === 'type' || node.exportKind === 'type' || (specifiers.length > 0 && values.length === 0);
  return { specifier: stringOf(node.source), typeOnly: allTypes, names: allTypes ? [] : values.map(takenName) };
}

function takenName(specifier: Node): string {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  const taken = (specifier.type === 'ImportSpecifier' ? specifier.imported : specifier.local) as Node;
  return (taken.name as string | undefined) ?? (taken.value as string);
}
