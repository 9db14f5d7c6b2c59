import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Import } from './imports.ts';
import type { Problem } from './problem.ts';

/**
 * Which layer a file of `src` belongs to: `core`, `policies/identity`, `adapters/prometheus`, … A file directly in `contracts`,
 * `policies` or `adapters` is a layer of its own, named after it. Undefined: no place in the architecture.
 */
export function layerOf(file: string): string | undefined {
  const [src, folder, second] = file.split('/');
  if (src !== 'src' || folder === undefined || second === undefined) return undefined;
  if (PLAIN.has(folder)) return folder;
  return FOLDERED.has(folder) ? `${folder}/${second.replace(/(\.test)?\.ts$/, '')}` : undefined;
}

const PLAIN = new Set(['core', 'pipeline', 'config', 'observation', 'evolution', 'admin', 'app', 'cli', 'inject', 'injector']);
const CLI = new Set(['app', 'config', 'evolution', 'inject', 'injector']);
const FOLDERED = new Set(['policies', 'contracts', 'adapters']);

interface Rule {
  readonly may: (target: string) => boolean;
  readonly why: string;
}

const policy = (target: string) => target.startsWith('policies/');
const contract = (target: string) => target.startsWith('contracts/');

/** What a layer may import besides itself and core. Imports run one way: docs/life-of-a-request.md shows why. */
function ruleOf(layer: string): Rule {
  if (layer === 'contracts/registry') return { may: contract, why: 'the registry is one line a protocol' };
  const folder = layer.split('/')[0];
  switch (folder) {
    case 'core':
      return { may: () => false, why: 'core is what everybody speaks; it imports nothing' };
    case 'pipeline':
    case 'config':
      return { may: policy, why: `${folder} imports policies and core` };
    case 'app':
      return { may: (target) => target !== 'cli', why: 'app is the composition root; cli stands above it' };
    case 'inject':
      return { may: (target) => target === 'config', why: 'inject imports config and core' };
    case 'injector':
      return { may: (target) => target === 'inject', why: 'injector imports inject and core' };
    case 'cli':
      return { may: (target) => CLI.has(target), why: `cli imports ${[...CLI].join(', ')} and core` };
    default:
      return { may: () => false, why: `${folder} imports core only, never its neighbours` };
  }
}

export function checkLayers(file: string, imports: readonly Import[]): Problem[] {
  const layer = layerOf(file);
  const problem = (line: number, message: string): Problem => ({ file, line, rule: 'layer', message });
  if (layer === undefined) return [problem(1, 'stands in no layer; the folders of src are those of CONTRIBUTING.md')];
  return imports.flatMap(({ specifier, line, names }) => {
    if (specifier === undefined) return [problem(line, 'the module must be named by a string, so that its layer can be seen')];
    if (names.includes('createRequire')) return [problem(line, 'createRequire hides what is imported; import it')];
    if (!/^(\.|\/|file:|#)/.test(specifier)) return foreign(layer, file, specifier, line);
    const target = posix.normalize(posix.join(posix.dirname(file), specifier));
    const reason = forbidden(layer, file, target);
    return reason === undefined ? [] : [problem(line, `${layer} must not import ${target} (${reason})`)];
  });
}

function foreign(layer: string, file: string, specifier: string, line: number): Problem[] {
  if (layer !== 'core' || file.endsWith('.test.ts') || isBuiltin(specifier)) return [];
  return [{ file, line, rule: 'layer', message: `core must not import the package ${specifier} (core imports nothing)` }];
}

function forbidden(layer: string, file: string, target: string): string | undefined {
  const isTest = file.endsWith('.test.ts');
  if (!target.startsWith('src/')) {
    if (isTest && target.startsWith('test/kit/')) return undefined;
    if (/^src\/cli\/demo[./-]/.test(file) && target.startsWith('examples/')) return undefined;
    if (target === 'package.json' && ['cli', 'app', 'inject'].includes(layer)) return undefined; // the version
    return isTest ? 'a test in src may use test/kit, its own layer and what is below it' : 'nothing outside src is part of the product';
  }
  const to = layerOf(target);
  if (to === layer || to === 'core') return undefined;
  if (to === undefined) return 'it stands in no layer';
  if (isTest && layer === 'cli') return undefined; // everything stands below cli
  const { may, why } = ruleOf(layer);
  return may(to) ? undefined : why;
}
