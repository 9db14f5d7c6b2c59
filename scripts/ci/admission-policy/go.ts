import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../lint/tree.ts';

/** The Go module. */
export const FOLDER = 'test/admission-policy';

const BUILD_LIMIT_MS = 25 * 60_000;
const RUN_LIMIT_MS = 10 * 60_000;

/** go.mod and go.sum as they are committed, and the compiler at hand: no toolchain is fetched. */
const env: NodeJS.ProcessEnv = { ...process.env, GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local', GOWORK: 'off' };

interface Ran {
  readonly code: number;
  readonly said: string;
  readonly seconds: number;
}

/** At low priority: a build takes both cores for minutes. */
function run(command: string, args: readonly string[], limitMs: number, more: NodeJS.ProcessEnv = {}): Ran {
  const begin = performance.now();
  const { status, stdout, stderr, error } = spawnSync('nice', ['-n', '19', command, ...args], {
    cwd: join(root, FOLDER),
    env: { ...env, ...more },
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    timeout: limitMs,
  });
  const said = `${stdout}${stderr}${error === undefined ? '' : `\n${error.message}`}`;
  return { code: status ?? 1, said, seconds: Math.round((performance.now() - begin) / 1000) };
}

/** Of a Go that go.mod takes; undefined where there is none. */
export function goVersion(): string | undefined {
  const { code, said } = run('go', ['list', '-m'], 30_000);
  return code === 0 ? said.trim() : undefined;
}

/** `said`: why it could not be built. */
export function buildTests(program: string): { readonly said: string | undefined; readonly seconds: number } {
  const { code, said, seconds } = run('go', ['test', '-c', '-o', program, '.'], BUILD_LIMIT_MS);
  return { said: code === 0 ? undefined : said, seconds };
}

export interface Tested extends Ran {
  readonly passed: number;
  readonly failed: number;
  /** Tests, without those within them. */
  readonly tests: readonly { readonly name: string; readonly passed: boolean }[];
  /** Lines with counts. */
  readonly told: readonly string[];
}

export function runTests(program: string, rendered: string): Tested {
  const ran = run(program, ['-test.v', '-test.count=1', '-test.timeout=9m'], RUN_LIMIT_MS, {
    PLUMBLINE_RENDERED: rendered,
    PLUMBLINE_NODE: process.execPath,
  });
  const results = [...ran.said.matchAll(/^( *)--- (PASS|FAIL): (\S+)/gm)].map(([, indent = '', verdict, name = '']) => ({
    within: indent !== '',
    passed: verdict === 'PASS',
    name,
  }));
  const passed = results.filter((one) => one.passed).length;
  const said = ran.said
    .split('\n')
    .filter((line) => !/^ *(=== (RUN|PAUSE|CONT)|--- PASS)|^[IWE]\d{4} /.test(line))
    .join('\n');
  return {
    ...ran,
    said,
    passed,
    failed: results.length - passed,
    tests: results.filter(({ within }) => !within),
    told: ran.said.split('\n').filter((line) => /^(admission policy:|cost,|odd pods,)/.test(line)),
  };
}
