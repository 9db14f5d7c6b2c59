import { type Node, type Parsed, isNode, nameOf, stringOf, walk } from './syntax.ts';
import type { Import } from './imports.ts';
import type { Problem } from './problem.ts';

type Effect = 'wall-time' | 'randomness' | 'raw-timer';

const WHY: Readonly<Record<Effect, string>> = {
  'wall-time': 'time comes through the port Clock',
  randomness: 'randomness comes through the port Random',
  'raw-timer': 'timers come through the port Timers, so that a test can stand time still',
};

/** Globals that are an effect whatever is done with them. */
const GLOBALS: Readonly<Record<string, Effect>> = Object.assign(Object.create(null), {
  setTimeout: 'raw-timer',
  setInterval: 'raw-timer',
  setImmediate: 'raw-timer',
  performance: 'wall-time',
  Temporal: 'wall-time',
});

const RANDOM =
  'random randomUUID randomUUIDv7 randomBytes randomInt randomFill randomFillSync pseudoRandomBytes prng rng getRandomValues webcrypto'.split(
    ' ',
  );

/** Globals of which some members are an effect; `whole`: what it is when the object itself is handed on, and its use cannot be seen. */
const OBJECTS: Readonly<Record<string, { readonly members: Readonly<Record<string, Effect>>; readonly whole?: Effect }>> = Object.assign(
  Object.create(null),
  {
    Date: { members: { now: 'wall-time' }, whole: 'wall-time' },
    Math: { members: { random: 'randomness' }, whole: 'randomness' },
    crypto: { members: Object.fromEntries(RANDOM.map((name) => [name, 'randomness'])), whole: 'randomness' },
    process: { members: { hrtime: 'wall-time', uptime: 'wall-time' } },
    AbortSignal: { members: { timeout: 'raw-timer' } },
  },
);

/** The global object under its names. */
const GLOBAL_THIS = new Set(['globalThis', 'global']);

/** Modules by what taking anything, or one name, from them means. */
const MODULES: Readonly<Record<string, Effect | Readonly<Record<string, Effect>>>> = {
  timers: 'raw-timer',
  perf_hooks: 'wall-time',
  crypto: { ...Object.fromEntries(RANDOM.map((name) => [name, 'randomness'])), '*': 'randomness', default: 'randomness' },
  process: { hrtime: 'wall-time', uptime: 'wall-time', '*': 'wall-time', default: 'wall-time' },
  nanoid: 'randomness',
  uuid: 'randomness',
};

/** Adapters are where these live; cli is a program of its own; tests may wait on real sockets. */
function isExempt(file: string): boolean {
  return /^src\/(adapters|cli)\//.test(file) || file.endsWith('.test.ts');
}

/** Wall time, randomness and raw timers outside the adapters, under whatever name. Shadowed names are not told apart on purpose. */
export function checkEffects(file: string, parsed: Parsed, imports: readonly Import[]): Problem[] {
  if (isExempt(file)) return [];
  const found: Problem[] = [];
  const add = (effect: Effect, line: number, what: string) =>
    void found.push({ file, line, rule: effect, message: `${what} (${WHY[effect]})` });
  for (const { specifier, names, line, typeOnly } of imports) {
    const module = MODULES[specifier?.replace(/^node:/, '').split('/')[0] ?? ''];
    if (module === undefined || typeOnly) continue;
    if (typeof module === 'string') add(module, line, `imports ${specifier}`);
    else for (const name of names) if (Object.hasOwn(module, name)) add(module[name] as Effect, line, `imports ${name} of ${specifier}`);
  }
  walk(parsed.program, (node, parent, key) => {
    if (node.type !== 'Identifier' || parent === undefined || !isValue(parent, key)) return;
    const hit = judge(node.name as string, node, parent, key);
    if (hit !== undefined) add(hit.effect, parsed.lineOf(node.start), hit.what);
  });
  return found;
}

interface Hit {
  readonly effect: Effect;
  readonly what: string;
}

function judge(name: string, node: Node, parent: Node, key: string): Hit | undefined {
  const global = GLOBALS[name];
  if (global !== undefined) return { effect: global, what: name };
  if (GLOBAL_THIS.has(name)) return judgeGlobalThis(name, parent, key);
  return OBJECTS[name] === undefined ? undefined : judgeObject(name, node, parent, key);
}

/** `globalThis.setTimeout` and its kin; handed on whole it could be any of them. */
function judgeGlobalThis(name: string, parent: Node, key: string): Hit | undefined {
  const taken = takenFrom(parent, key);
  if (taken === undefined) return { effect: 'raw-timer', what: `${name} as a value: say which of its properties is meant` };
  for (const member of taken) {
    const effect = GLOBALS[member] ?? OBJECTS[member]?.whole;
    if (effect !== undefined) return { effect, what: `${name}.${member}` };
  }
  return undefined;
}

function judgeObject(name: string, node: Node, parent: Node, key: string): Hit | undefined {
  const { members, whole } = OBJECTS[name] as { members: Readonly<Record<string, Effect>>; whole?: Effect };
  const taken = takenFrom(parent, key);
  if (taken !== undefined) {
    const member = taken.find((m) => Object.hasOwn(members, m));
    return member === undefined ? undefined : { effect: members[member] as Effect, what: `${name}.${member}` };
  }
  if (name === 'Date') return judgeDate(node, parent, key);
  return whole === undefined ? undefined : { effect: whole, what: `${name} as a value: say which of its properties is meant` };
}

/** `new Date(x)` and `x instanceof Date` know no time; `new Date()`, `Date()` and `Date` handed on do. */
function judgeDate(node: Node, parent: Node, key: string): Hit | undefined {
  if (parent.type === 'NewExpression' && key === 'callee') {
    return (parent.arguments as Node[]).length > 0 ? undefined : { effect: 'wall-time', what: 'new Date()' };
  }
  if (parent.type === 'BinaryExpression' && parent.operator === 'instanceof' && parent.right === node) return undefined;
  return { effect: 'wall-time', what: parent.type === 'CallExpression' && key === 'callee' ? 'Date()' : 'Date as a value' };
}

/** Names of the properties taken of an object by `o.a`, `o['a']` or `{ a } = o`; undefined where that cannot be seen. */
function takenFrom(parent: Node, key: string): string[] | undefined {
  if (parent.type === 'MemberExpression' && key === 'object') {
    const name = parent.computed === true ? stringOf(parent.property) : nameOf(parent.property);
    return name === undefined ? undefined : [name];
  }
  const pattern =
    parent.type === 'VariableDeclarator' && key === 'init'
      ? parent.id
      : parent.type === 'AssignmentExpression' && key === 'right'
        ? parent.left
        : undefined;
  if (!isNode(pattern) || pattern.type !== 'ObjectPattern') return undefined;
  const names = (pattern.properties as Node[]).map((p) => (p.type === 'RestElement' ? undefined : nameOf(p.key)));
  return names.includes(undefined) ? undefined : (names as string[]);
}

/** Whether an identifier stands for a value here: not a property's name, a label, a module's export name or part of a type. */
function isValue(parent: Node, key: string): boolean {
  if (parent.type === 'MemberExpression' && key === 'property') return parent.computed === true;
  if (/^(Property|MethodDefinition|PropertyDefinition|AccessorProperty)$/.test(parent.type) && key === 'key')
    return parent.computed === true;
  if (/^(Import|Export).*Specifier$/.test(parent.type)) return parent.type === 'ExportSpecifier' && key === 'local';
  if (/^(LabeledStatement|BreakStatement|ContinueStatement|MetaProperty)$/.test(parent.type)) return false;
  return !parent.type.startsWith('TS') || (key === 'expression' && VALUE_OF_TYPE.test(parent.type));
}

const VALUE_OF_TYPE = /^TS(As|Satisfies|NonNull|Instantiation|TypeAssertion)/;
