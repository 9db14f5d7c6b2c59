import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, lstatSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Io, type Output, UsageError } from '../output.ts';
import { inject } from './inject.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-inject-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const launcher = join(import.meta.dirname, '../../../bin/plumbline.js');

const POD = `apiVersion: v1
kind: Pod
metadata: # of it
  name: web
spec:
  containers:
  - name: web
    image: web
    ports:
    - {name: http, containerPort: 8080}
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The program itself, as people start it. */
function plumbline(args: readonly string[], stdin: string | Buffer = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [launcher, 'inject', ...args],
      { cwd: dir, env: { PATH: process.env.PATH } },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    );
    child.stdin?.end(stdin);
  });
}

class Written implements Output {
  text = '';

  write(more: string): void {
    this.text += more;
  }
}

/** The same without a process; a throw is what the program says with exit code 2. */
async function injected(
  flags: Readonly<Record<string, unknown>>,
  files: readonly string[],
  stdin: string | Buffer = '',
  env: Io['env'] = {},
): Promise<Ended> {
  const [stdout, stderr] = [new Written(), new Written()];
  const code = await inject(files, flags, { stdout, stderr, env, cwd: dir }, Readable.from([Buffer.from(stdin)])).catch(
    (error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      stderr.write(`plumbline: ${error.message}\n`);
      return 2;
    },
  );
  return { code, out: stdout.text, err: stderr.text };
}

const file = (name: string): string => readFileSync(join(dir, name), 'utf8');

beforeEach(() => {
  for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, 'web.yaml'), POD);
});

test('from the standard input to the standard output, and back, byte for byte', async () => {
  const made = await plumbline(['--contract', 'web-openapi'], POD);
  expect(made).toMatchObject({
    code: 0,
    err: '(stdin):1: Pod web: injected: http is now Plumbline (port 7080) in front of port 8080 of web, renamed http-app\n',
  });
  expect(made.out).toContain('- name: plumbline\n');
  const [again, back] = await Promise.all([plumbline(['--contract', 'web-openapi', '-'], made.out), plumbline(['--uninject'], made.out)]);
  expect(again).toEqual({ code: 0, out: made.out, err: '(stdin):1: Pod web: is injected already\n' });
  expect(back).toEqual({ code: 0, out: POD, err: '(stdin):1: Pod web: uninjected\n' });
}, 60_000);

test('several files become one stream, each document by itself', async () => {
  writeFileSync(join(dir, 'b.yaml'), '# more\n---\nkind: ConfigMap');
  writeFileSync(join(dir, 'c.json'), '\ufeff{"kind": "ConfigMap"}');
  const { out, code } = await injected({ uninject: true }, ['web.yaml', 'b.yaml', 'c.json']);
  expect({ out, code }).toEqual({ out: `${POD}# more\n---\nkind: ConfigMap\n---\n{"kind": "ConfigMap"}`, code: 0 });
});

test('files are written in place, through links, with their modes, and only where they change', async () => {
  chmodSync(join(dir, 'web.yaml'), 0o640);
  symlinkSync('web.yaml', join(dir, 'link.yaml'));
  writeFileSync(join(dir, 'other.yaml'), 'kind: ConfigMap\n');
  const untouched = statSync(join(dir, 'other.yaml')).mtimeMs;
  const made = await injected({ inPlace: true, contract: 'c' }, ['link.yaml', 'other.yaml']);
  expect(made).toMatchObject({ code: 0, out: '' });
  expect(file('web.yaml')).toContain('name: plumbline');
  expect(lstatSync(join(dir, 'link.yaml')).isSymbolicLink()).toBe(true);
  expect(statSync(join(dir, 'web.yaml')).mode & 0o777).toBe(0o640);
  expect(statSync(join(dir, 'other.yaml')).mtimeMs).toBe(untouched);
  await injected({ inPlace: true, uninject: true }, ['web.yaml']);
  expect(file('web.yaml')).toBe(POD);
  expect(readdirSync(dir).sort()).toEqual(['link.yaml', 'other.yaml', 'web.yaml']);
});

test('--check writes nothing and tells by its exit code', async () => {
  expect(await injected({ check: true, contract: 'c' }, ['web.yaml'])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('web.yaml: would change\n'),
  });
  expect(file('web.yaml')).toBe(POD);
  expect(await injected({ check: true, uninject: true }, ['web.yaml'])).toMatchObject({ code: 0, out: '' });
});

test('a refusal is 1 and the stream is still whole', async () => {
  const { code, out, err } = await injected({}, [], POD);
  expect({ code, out }).toEqual({ code: 1, out: POD });
  expect(err).toMatch(/^\(stdin\):1: Pod web: refused: no contract is named: /);
});

test.each<[string, string | Buffer, RegExp]>([
  ['broken', `${POD}---\nkind: Pod\nspec: {\n`, /^\(stdin\):\d+: not readable as YAML: .*\n$/m],
  ['no UTF-8', Buffer.from([0x61, 0xff, 0xfe]), /^\(stdin\): is not UTF-8 text\n$/],
])('input that is %s is 2, and nothing is written', async (_, stdin, message) => {
  const { code, out, err } = await injected({ contract: 'c' }, [], stdin);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(message);
});

test('every file that cannot be read is named, and none is written', async () => {
  const { code, err } = await injected({ inPlace: true, contract: 'c' }, ['web.yaml', 'missing.yaml', '.']);
  expect({ code, err }).toEqual({
    code: 2,
    err: 'missing.yaml: there is no such file\n.: is a directory; name the files, or give the output of kustomize build\n',
  });
  expect(file('web.yaml')).toBe(POD);
});

test('more than 64 MiB are not read', async () => {
  const { code, err } = await injected({ uninject: true }, [], Buffer.alloc(64 * 1024 * 1024 + 1, '#'));
  expect({ code, err }).toEqual({ code: 2, err: '(stdin): makes the input larger than 64 MiB\n' });
});

describe('settings', () => {
  test('flags stand over variables over the file over the defaults', async () => {
    writeFileSync(join(dir, 'settings.yaml'), 'contract: from-file\nimage: a/b:1\nowner: team-a\nlog: "off"\n');
    const env = { PLUMBLINE_IMAGE: 'c/d:2', PLUMBLINE_OWNER: 'team-b', PLUMBLINE_PORT: '1', PLUMBLINE_ENFORCE: 'nonsense' };
    const { out, code } = await injected({ settings: 'settings.yaml', owner: 'team-c' }, ['web.yaml'], '', env);
    expect(code).toBe(0);
    expect(out).toMatch(/name: from-file\n/);
    expect(out).toContain('image: c/d:2\n');
    expect(out).toContain('team-c');
    expect(out).toMatch(/accessLog: "?off/);
  });

  test('a configuration on the command line takes the place of a contract in the file', async () => {
    writeFileSync(join(dir, 'settings.yaml'), 'contract: from-file\n');
    const { out } = await injected({ settings: 'settings.yaml', configMap: 'whole' }, ['web.yaml']);
    expect(out).toContain('name: whole\n');
    expect(out).not.toContain('from-file');
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['a flag', { enforce: 'all' }, '--enforce: '],
    ['a file', { settings: 's.yaml' }, 's.yaml:2: contrat: '],
    ['two flags', { contract: 'a', configMap: 'b' }, '--contract: cannot go with '],
    ['a file that is none', { settings: 'web.txt' }, 'web.txt: there is no such file'],
    ['a file of another form', { settings: 'list.yaml' }, 'list.yaml: the settings are a mapping'],
  ])('what is wrong in %s is named, with 2', async (_, flags, message) => {
    writeFileSync(join(dir, 's.yaml'), '# mine\ncontrat: x\n');
    writeFileSync(join(dir, 'list.yaml'), '- a\n');
    const { code, out, err } = await injected(flags, ['web.yaml']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.startsWith(`plumbline: ${message}`)).toBe(true);
  });
});

test.each<[Readonly<Record<string, unknown>>, readonly string[], string]>([
  [{ uninject: true, contract: 'c' }, [], '--contract cannot go with --uninject'],
  [{ check: true, inPlace: true }, ['web.yaml'], '--in-place and --check cannot go together'],
  [{ inPlace: true, contract: 'c' }, [], '--in-place needs files'],
  [{ contract: 'c' }, ['web.yaml', 'web.yaml'], 'web.yaml is named twice'],
])('%j is wrong usage', async (flags, files, message) => {
  const { code, err } = await injected(flags, files);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`plumbline: ${message}`) });
});

test('as a process it says the same, and ends with the same codes', async () => {
  const [wrong, broken] = await Promise.all([
    plumbline(['--check', '-i', 'web.yaml']),
    plumbline(['--contract', 'c'], 'kind: Pod\nspec: {\n'),
  ]);
  expect(wrong).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--in-place and --check') });
  expect(broken).toMatchObject({ code: 2, out: '', err: expect.stringContaining('(stdin):') });
}, 60_000);
