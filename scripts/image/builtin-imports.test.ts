import { isBuiltin } from 'node:module';
import { expect, test } from 'vitest';
import { withoutBuiltinImports } from './builtin-imports.ts';

const rewritten = (code: string): string => withoutBuiltinImports(code, isBuiltin);

test.each([
  ['import { createServer } from "node:http";', 'const { createServer } = process.getBuiltinModule("node:http");'],
  ["import { join as j, sep } from 'path';", 'const { join: j, sep } = process.getBuiltinModule("path");'],
  ['import fs from "node:fs";', 'const fs = process.getBuiltinModule("node:fs");'],
  [
    'import net, { Socket as S } from "node:net";',
    'const net = process.getBuiltinModule("node:net"), { Socket: S } = process.getBuiltinModule("node:net");',
  ],
  ['import * as os$1 from "node:os";', 'const os$1 = process.getBuiltinModule("node:os");'],
  ['import "node:http";', 'process.getBuiltinModule("node:http");'],
  [
    'import { setTimeout as s } from "node:timers/promises";',
    'const { setTimeout: s } = process.getBuiltinModule("node:timers/promises");',
  ],
])('%s', (statement, wanted) => {
  expect(rewritten(statement)).toBe(wanted);
});

test.each([
  'import { a } from "./chunk.js";',
  'import x from "undici";',
  'const text = `\n  import { a } from "node:http";`;',
  'const m = await import("node:http");',
])('left alone: %s', (code) => {
  expect(rewritten(code)).toBe(code);
});

test('lines stay where they are', () => {
  const code = 'import { a } from "./a.js";\nimport { EventEmitter } from "node:events";\nimport { b } from "./b.js";\nlet c;\n';
  expect(rewritten(code).split('\n')).toEqual([
    'import { a } from "./a.js";',
    'const { EventEmitter } = process.getBuiltinModule("node:events");',
    'import { b } from "./b.js";',
    'let c;',
    '',
  ]);
});

test('a form that is not known stops the build', () => {
  expect(() => rewritten('import a, * as b, { c } from "node:http";')).toThrow(/form that is not known/);
});
