import { describe, expect, test } from 'vitest';
import { isSource, lintLayers } from './lint-layers.ts';
import { show } from './lint/problem.ts';
import { readTree } from './lint/tree.ts';

/** What is found in one planted file; its third line is the planted one, so that the line told is seen to be right. */
function plant(file: string, line: string): string[] {
  return lintLayers({ [file]: `// planted\n\n${line}\n` }).map(show);
}

const allowed = (file: string, line: string) => expect(plant(file, line), `${file}: ${line}`).toEqual([]);

function refused(file: string, line: string, rule: string, words = ''): void {
  const found = plant(file, line);
  expect(found, `${file}: ${line}`).toHaveLength(1);
  expect(found[0]).toMatch(new RegExp(`^${file.replaceAll('.', '\\.')}:3 ${rule}: `));
  expect(found[0]).toContain(words);
}

describe('import layers', () => {
  test.each([
    ['src/core/a.ts', '../pipeline/run.ts', 'core must not import src/pipeline/run.ts'],
    ['src/core/a.ts', 'lru-cache', 'core must not import the package lru-cache'],
    ['src/pipeline/a.ts', '../contracts/registry.ts', 'pipeline imports policies and core'],
    ['src/pipeline/a.ts', '../config/parse.ts', 'pipeline imports policies and core'],
    ['src/config/a.ts', '../app/gateway.ts', 'config imports policies and core'],
    ['src/policies/identity/stage.ts', '../deadline/stage.ts', 'policies/identity must not import src/policies/deadline/stage.ts'],
    ['src/policies/identity/stage.ts', '../../adapters/clock.ts', 'policies imports core only'],
    ['src/policies/identity/stage.ts', '../../pipeline/run.ts', 'policies imports core only'],
    ['src/contracts/openapi/load.ts', '../graphql/load.ts', 'contracts imports core only'],
    ['src/contracts/openapi/load.ts', '../registry.ts', 'contracts imports core only'],
    ['src/contracts/registry.ts', '../policies/contract/config.ts', 'the registry is one line a protocol'],
    ['src/observation/a.ts', '../evolution/diff.ts', 'observation imports core only'],
    ['src/evolution/a.ts', '../contracts/openapi/load.ts', 'evolution imports core only'],
    ['src/adapters/http1.ts', './system-clock.ts', 'adapters imports core only'],
    ['src/adapters/http1/server.ts', '../prometheus/writer.ts', 'adapters imports core only'],
    ['src/adapters/http1/server.ts', '../../pipeline/run.ts', 'adapters imports core only'],
    ['src/admin/a.ts', '../app/gateway.ts', 'admin imports core only'],
    ['src/app/a.ts', '../cli/run.ts', 'cli stands above it'],
    ['src/cli/run.ts', '../pipeline/run.ts', 'cli imports app, config, evolution, inject, injector and core'],
    ['src/inject/a.ts', '../injector/server.ts', 'inject imports config and core'],
    ['src/inject/text/a.ts', '../../cli/flags.ts', 'inject imports config and core'],
    ['src/injector/a.ts', '../config/parse.ts', 'injector imports inject and core'],
    ['src/injector/kube/a.ts', '../../app/gateway.ts', 'injector imports inject and core'],
    ['src/config/a.ts', '../inject/settings.ts', 'config imports policies and core'],
    ['src/admin/a.ts', '../inject/settings.ts', 'admin imports core only'],
    ['src/injector/a.ts', '../../package.json', 'nothing outside src'],
    ['src/cli/run.ts', '../../examples/billing/provider.ts', 'nothing outside src'],
    ['src/app/a.ts', '../../test/kit/clock.ts', 'nothing outside src'],
    ['src/app/a.ts', '../../bench/run.ts', 'nothing outside src'],
    ['src/app/a.ts', '../../scripts/check.ts', 'nothing outside src'],
    ['src/policies/identity/stage.test.ts', '../deadline/stage.ts', 'policies imports core only'],
    ['src/core/a.test.ts', '../../test/scenarios/a.ts', 'a test in src may use test/kit'],
  ])('%s must not import %s', (file, target, why) => refused(file, `import { x } from '${target}';`, 'layer', why));

  test.each([
    ['src/core/a.ts', './b.ts'],
    ['src/pipeline/a.ts', '../policies/identity/stage.ts'],
    ['src/config/a.ts', '../policies/identity/config.ts'],
    ['src/policies/identity/stage.ts', './logic.ts'],
    ['src/policies/identity/stage.ts', '../../core/ports.ts'],
    ['src/contracts/registry.ts', './openapi/load.ts'],
    ['src/adapters/http1/server.ts', './head.ts'],
    ['src/app/a.ts', '../adapters/http1/server.ts'],
    ['src/app/a.ts', '../admin/server.ts'],
    ['src/cli/run.ts', '../app/gateway.ts'],
    ['src/cli/run.ts', '../core/ports.ts'],
    ['src/cli/program.ts', '../../package.json'],
    ['src/inject/image.ts', '../../package.json'],
    ['src/inject/text/a.ts', '../edit.ts'],
    ['src/inject/settings.ts', '../config/values.ts'],
    ['src/injector/server.ts', '../inject/inject.ts'],
    ['src/injector/server.ts', '../core/ports.ts'],
    ['src/app/injector.ts', '../injector/server.ts'],
    ['src/cli/inject/run.ts', '../../inject/inject.ts'],
    ['src/cli/injector.ts', '../injector/server.ts'],
    ['src/cli/demo.ts', '../../examples/billing/provider.ts'],
    ['src/cli/demo/start.ts', '../../../examples/billing/provider.ts'],
    ['src/pipeline/a.test.ts', '../../test/kit/clock.ts'],
    ['src/cli/run.test.ts', '../pipeline/run.ts'],
  ])('%s may import %s', (file, target) => allowed(file, `import { x } from '${target}';`));

  test.each([
    `import type { X } from '../app/gateway.ts';`,
    `export { x } from '../app/gateway.ts';`,
    `export * from '../app/gateway.ts';`,
    `const x = await import('../app/gateway.ts');`,
    `const x = await import(\`../app/gateway.ts\`);`,
    `const x = require('../app/gateway.ts');`,
    `let x: import('../app/gateway.ts').X;`,
    `import '../app/gateway.ts';`,
  ])('in every form: %s', (line) => refused('src/core/a.ts', line, 'layer', 'core must not import src/app/gateway.ts'));

  test('a module named at run time is refused: its layer cannot be seen', () => {
    refused('src/app/a.ts', `const x = await import('../' + name);`, 'layer', 'named by a string');
    refused('src/app/a.ts', `import { createRequire } from 'node:module';`, 'layer', 'hides what is imported');
  });

  test('a file outside every layer is refused', () => {
    expect(lintLayers({ 'src/shared/a.ts': '' }).map(show)).toEqual([
      'src/shared/a.ts:1 layer: stands in no layer; the folders of src are those of CONTRIBUTING.md',
    ]);
    refused('src/app/a.ts', `import { x } from '../shared/a.ts';`, 'layer', 'it stands in no layer');
  });
});

describe('no I/O where decisions are made', () => {
  const pure = ['core', 'policies/identity', 'contracts/openapi', 'observation', 'evolution', 'pipeline', 'inject'];
  test.each(pure)('src/%s', (layer) => {
    for (const module of ['node:fs', 'fs/promises', 'node:net', 'node:http', 'node:dns/promises', 'node:worker_threads']) {
      refused(`src/${layer}/a.ts`, `import { x } from '${module}';`, 'io', `${module} does I/O`);
    }
    refused(`src/${layer}/a.ts`, `import { createSign } from 'node:crypto';`, 'io', 'not createSign');
    allowed(`src/${layer}/a.ts`, `import { createHash, createHmac, timingSafeEqual } from 'node:crypto';`);
    allowed(`src/${layer}/a.ts`, `import type { Socket } from 'node:net';`);
  });

  test('packages that do I/O are I/O', () =>
    refused('src/policies/identity/a.ts', `import { Pool } from 'undici';`, 'io', 'undici does I/O'));
  test('a module loaded at run time is too', () => refused('src/pipeline/a.ts', `const fs = await import('node:fs');`, 'io'));

  test('configuration is read in load*.ts alone', () => {
    refused('src/config/parse.ts', `import { readFile } from 'node:fs/promises';`, 'io', 'only src/config/load*.ts');
    allowed('src/config/load.ts', `import { readFile } from 'node:fs/promises';`);
    allowed('src/config/load-files.ts', `import { readFile } from 'node:fs/promises';`);
    allowed('src/adapters/contract-source.ts', `import { readFile } from 'node:fs/promises';`);
    allowed('src/injector/certificates/a.ts', `import { createServer } from 'node:https';`);
  });
});

describe('no wall time, randomness or raw timers outside the adapters', () => {
  const effects: ReadonlyArray<readonly [line: string, rule: string]> = [
    ['const t = Date.now();', 'wall-time'],
    [`const t = Date['now']();`, 'wall-time'],
    ['const t = new Date();', 'wall-time'],
    ['const t = new Date;', 'wall-time'],
    ['const t = Date();', 'wall-time'],
    ['const { now } = Date;', 'wall-time'],
    ['const clock = Date;', 'wall-time'],
    ['const t = performance.now();', 'wall-time'],
    [`import { performance as p } from 'node:perf_hooks';`, 'wall-time'],
    ['const t = process.hrtime.bigint();', 'wall-time'],
    ['const { hrtime } = process;', 'wall-time'],
    [`import { hrtime } from 'node:process';`, 'wall-time'],
    ['const t = Temporal.Now.instant();', 'wall-time'],
    ['const r = Math.random();', 'randomness'],
    [`const r = Math['random']();`, 'randomness'],
    ['const { random: r } = Math;', 'randomness'],
    ['const m = Math;', 'randomness'],
    ['const r = Math[name]();', 'randomness'],
    ['const id = crypto.randomUUID();', 'randomness'],
    ['crypto.getRandomValues(bytes);', 'randomness'],
    ['const id = globalThis.crypto.randomUUID();', 'randomness'],
    ['setTimeout(fn, 10);', 'raw-timer'],
    ['setInterval(fn, 10);', 'raw-timer'],
    ['setImmediate(fn);', 'raw-timer'],
    ['const later = setTimeout;', 'raw-timer'],
    ['const ports = { setTimeout };', 'raw-timer'],
    ['globalThis.setTimeout(fn, 10);', 'raw-timer'],
    [`globalThis['setTimeout'](fn, 10);`, 'raw-timer'],
    ['const { setTimeout: later } = globalThis;', 'raw-timer'],
    ['const g = globalThis;', 'raw-timer'],
    [`import { setTimeout as later } from 'node:timers/promises';`, 'raw-timer'],
    [`import timers from 'timers';`, 'raw-timer'],
    [`const { setTimeout: later } = await import('node:timers');`, 'raw-timer'],
    ['const signal = AbortSignal.timeout(10);', 'raw-timer'],
  ];

  test.each(effects)('%s is %s', (line, rule) => refused('src/app/a.ts', line, rule));
  test.each(['policies/identity', 'contracts/openapi', 'core', 'observation', 'pipeline', 'config', 'admin', 'app'])('src/%s', (layer) => {
    refused(`src/${layer}/a.ts`, 'const t = Date.now();', 'wall-time', 'the port Clock');
    refused(`src/${layer}/a.ts`, 'const r = Math.random();', 'randomness', 'the port Random');
    refused(`src/${layer}/a.ts`, 'setTimeout(fn, 10);', 'raw-timer', 'the port Timers');
  });

  test('randomness of node:crypto, by name or whole', () => {
    refused('src/app/a.ts', `import { randomUUID } from 'node:crypto';`, 'randomness');
    refused('src/app/a.ts', `import * as c from 'node:crypto';`, 'randomness');
    refused('src/app/a.ts', `import c from 'crypto';`, 'randomness');
    allowed('src/app/a.ts', `import { createHash, X509Certificate } from 'node:crypto';`);
  });

  test.each([
    'const t = new Date(ms);',
    'const d = x instanceof Date;',
    'const t = Date.parse(text) + Date.UTC(2026, 0);',
    'const m = Math.max(1, 2);',
    'const { max, min } = Math;',
    'timers.setTimeout(fn); clock.now();',
    'const o = { setTimeout: 1, now: 2, performance: 3 };',
    'let d: Date; let t: ReturnType<typeof setTimeout>;',
    'interface T { setTimeout(fn: () => void): void }',
    'class C { random() { return this.random; } }',
    'process.on(name, fn); const a = process.argv;',
    '// Date.now() and setTimeout in a comment',
    `const s = 'Math.random()';`,
  ])('%s is neither', (line) => allowed('src/pipeline/a.ts', line));

  test('adapters, cli and tests are where they live', () => {
    for (const file of ['src/adapters/clock.ts', 'src/cli/run.ts', 'src/pipeline/a.test.ts']) {
      allowed(file, 'setTimeout(() => Date.now() + Math.random(), 1);');
    }
  });
});

test('what cannot be read is not passed over', () => {
  expect(() => lintLayers({ 'src/core/a.ts': 'const = 1;' })).toThrow('src/core/a.ts');
});

test('the real tree keeps every rule', { timeout: 60_000 }, () => {
  expect(lintLayers(readTree(isSource)).map(show)).toEqual([]);
});
