import { describe, expect, test } from 'vitest';
import { lintHouse } from './lint-house.ts';
import { checkDependencies } from './lint/dependencies.ts';
import { show } from './lint/problem.ts';
import { machineWords } from './lint/text.ts';
import { readTree } from './lint/tree.ts';

const plant = (file: string, text: string, machine: readonly string[] = []) => lintHouse({ [file]: text }, machine).map(show);

describe('each rule is seen to fail', () => {
  const line = 'const x = 1;\n';
  test.each([
    ['src/a/b.ts', line.repeat(301), 301, 'length'],
    ['test/a.ts', line.repeat(301), 301, 'length'],
    ['ui/a.js', line.repeat(301), 301, 'length'],
    ['src/utils/a.ts', line, 1, 'name'],
    ['src/core/util.ts', line, 1, 'name'],
    ['test/helpers/a.ts', line, 1, 'name'],
    ['src/core/a.test.ts', `\ntest.${'only'}('x', () => {});`, 2, 'focused-test'],
    ['test/a.test.ts', `describe.${'skip'}('x', () => {});`, 1, 'focused-test'],
    ['bench/a.test.ts', `it.${'todo'}('x');`, 1, 'focused-test'],
    ['bench/a.test.ts', `it.concurrent.${'only'}('x');`, 1, 'focused-test'],
    ['src/core/a.ts', `\n// @ts-${'ignore'} because`, 2, 'escape-hatch'],
    ['src/core/a.ts', `// @ts-${'nocheck'}`, 1, 'escape-hatch'],
    ['src/core/a.ts', '// @ts-expect-error', 1, 'escape-hatch'],
    ['src/core/a.ts', 'let x: any;', 1, 'escape-hatch'],
    ['src/core/a.ts', 'const x = y as any;', 1, 'escape-hatch'],
    ['src/core/a.ts', 'const x: Map<string, any> = y;', 1, 'escape-hatch'],
    ['src/core/a.ts', '// biome-ignore lint/style/useConst', 1, 'escape-hatch'],
    ['src/core/a.ts', '/* eslint-disable */', 1, 'escape-hatch'],
    ['src/core/a.ts', `// TO${'DO'}: later`, 1, 'left-open'],
    ['docs/a.md', `FIX${'ME'}`, 1, 'left-open'],
    ['docs/a.md', `see ${'/home'}/me/plumbline`, 1, 'machine-path'],
    ['test/a.ts', `const dir = '${'/work'}/main';`, 1, 'machine-path'],
    ['.npmrc', 'host=registry.npmjs.example', 1, 'registry'],
    ['package-lock.json', `{"packages": {},\n"${'resolved'}": "https://packages.example/a.tgz"}`, 2, 'download-address'],
    ['docs/a.md', `as the ${'sub'}agent said`, 1, 'process-word'],
    ['src/core/a.ts', `// built in ${'issue'} 2`, 1, 'process-word'],
    ['.ci/run', "#!/usr/bin/env bash\necho 'on\necho two\n", 2, 'shell'],
    ['.ci/lib.sh', 'if true; then\n', 2, 'shell'],
    ['package-lock.json', '{"packages": {"node_modules/a": {"optionalDependencies": {"a-linux-x64": "1.0.0"}}}}', 1, 'lock'],
  ])('%s: %j', (file, text, at, rule) => {
    const found = plant(file, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^\\S+:${at} ${rule}: `));
  });

  test('paths and hosts of the machine at hand stand nowhere', () => {
    expect(plant('docs/a.md', 'from mirror.example', ['mirror.example'])).toEqual([
      'docs/a.md:1 machine: mirror.example belongs to this machine',
    ]);
  });
});

test.each([
  ['src/core/a.ts', 'const x = 1;\n'.repeat(300)],
  ['src/core/a.ts', 'const any = (x: unknown) => x; // company, anybody'],
  ['src/core/a.ts', '// The library says any of its own events.\nlet x: any;'],
  ['src/core/a.ts', 'let x: any; // the library says so'],
  ['src/core/a.ts', '// biome-ignore lint/style/useConst: assigned below'],
  ['src/core/a.ts', '// @ts-expect-error the library forgets this overload'],
  ['src/core/a.test.ts', 'test.skipIf(missing)("x", () => {}); list.only; test.each([1])'],
  ['src/core/a.ts', '// User-Agent: user agents differ; 501 Not Implemented'],
  ['docs/a.md', 'GET /v1/home/items, ./home/x, https://a.example/home/x, undici #5845'],
  ['package-lock.json', '{"packages": {"node_modules/a": {"optionalDependencies": {"b": "1.0.0"}}, "node_modules/b": {}}}'],
])('%s: %j breaks none', (file, text) => expect(plant(file, text)).toEqual([]));

describe('docs/dependencies.md', () => {
  const page = '# Dependencies\n\n| `a` | why |\n| `b`, `c` | why |\n';
  const sources = (manifest: object) => ({ 'package.json': JSON.stringify(manifest), 'docs/dependencies.md': page });

  test('names every package, and no other', () => {
    expect(checkDependencies(sources({ dependencies: { a: '1.0.0' }, devDependencies: { b: '1.0.0', c: '1.0.0' } }))).toEqual([]);
    expect(checkDependencies(sources({ dependencies: { a: '1.0.0', d: '1.0.0' }, devDependencies: { b: '1.0.0' } })).map(show)).toEqual([
      'package.json:1 dependencies: d has no row in docs/dependencies.md: why this one, what was passed over?',
      'docs/dependencies.md:4 dependencies: c is in no package.json',
    ]);
  });

  test('versions are pinned', () => {
    expect(checkDependencies(sources({ dependencies: { a: '^1.0.0', b: '1.0.0', c: '1.0.0' } })).map(show)).toEqual([
      'package.json:1 dependencies: a: pin one version, not ^1.0.0',
    ]);
  });
});

test('the real tree keeps every rule', { timeout: 60_000 }, () => {
  const sources = readTree(() => true);
  expect([...lintHouse(sources, machineWords()), ...checkDependencies(sources)].map(show)).toEqual([]);
});
