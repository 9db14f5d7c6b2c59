import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { fakeContract, fakeOperation } from '../../test/kit/contract.ts';
import type { checkContracts } from '../app/check-contracts.ts';
import { type CheckOptions, check, checkOptions } from './check.ts';
import { UsageError } from './output.ts';

// Contracts have tests of their own; here it is what becomes of what is found in them.
const { contracts } = vi.hoisted(() => ({ contracts: vi.fn<typeof checkContracts>() }));
vi.mock('../app/check-contracts.ts', () => ({ checkContracts: contracts }));

const dir = mkdtempSync(join(tmpdir(), 'plumbline-check-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeEach(() => {
  contracts.mockReset();
  contracts.mockImplementation(async (given) => ({
    problems: [],
    contracts: given.map(({ name }) => ({
      contract: { ...fakeContract([fakeOperation({ id: 'createPayment' }), fakeOperation({ id: 'getPayment' })]), name },
      openMutations: ['createPayment'],
    })),
  }));
});

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return name;
}

async function call(files: string[], options: Partial<CheckOptions> = {}) {
  let [out, err] = ['', ''];
  const code = await check(
    files,
    { format: 'text', shown: 'some', ...options },
    {
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      env: {},
      cwd: dir,
    },
  );
  return { code, out, err };
}

const CONFIGURATION = `contracts: { billing: { openapi: billing.yaml, owner: { team: billing } } }
listeners: { in: { port: 1 } }
routes:
  - name: r
    listener: in
    upstream: http://a
    contract: billing
`;
const CONTRACT = 'openapi: 3.1.0\ninfo: { title: billing, version: 1.2.0 }\npaths: {}\n';

test('what is fine is 0, and says what was looked at', async () => {
  const { code, out } = await call([file('plumbline.yaml', CONFIGURATION), file('billing.openapi.yaml', CONTRACT)]);
  expect(code).toBe(0);
  expect(out).toBe('✓ plumbline.yaml 1 listener, 1 route, 1 contract\n✓ billing.openapi.yaml billing 1.2.0, 2 operations\n');
  expect(contracts.mock.calls.map(([given]) => given[0]?.path)).toEqual([join(dir, 'billing.yaml'), join(dir, 'billing.openapi.yaml')]);
});

test('a contract is named as run --spec would name it', async () => {
  const { out } = await call([file('openapi.yaml', CONTRACT)]);
  expect(out).toBe('✓ openapi.yaml api 1.2.0, 2 operations\n');
});

test('a configuration with mistakes is 1, every problem at once', async () => {
  const { code, out } = await call([file('plumbline.yaml', `${CONFIGURATION}telemetri: {}\ndrian: {}\n`)]);
  expect(code).toBe(1);
  expect(out).toContain('plumbline.yaml:8:1 error telemetri: unknown key; did you mean "telemetry"?\n  8 | telemetri: {}');
  expect(out).toContain('plumbline.yaml:9:1 error drian: unknown key; did you mean "drain"?');
});

test('ten different mistakes are ten problems, and exit 1', async () => {
  const { code, out } = await call([join(import.meta.dirname, '../config/golden/ten-mistakes.yaml')]);
  expect(code).toBe(1);
  expect(out).toContain('\n10 errors\n');
});

test('a broken contract of a configuration is 1, with its place', async () => {
  const path = join(dir, 'billing.yaml');
  file('billing.yaml', 'openapi: 3.1.0\npaths: 5\n');
  const problem = {
    severity: 'error',
    code: 'x',
    message: 'must be a mapping',
    file: path,
    line: 2,
    column: 8,
    pointer: '/paths',
    contract: 'billing',
  } as const;
  contracts.mockResolvedValue({ problems: [problem], contracts: [] });
  const { code, out } = await call([file('plumbline.yaml', CONFIGURATION)]);
  expect(code).toBe(1);
  expect(out).toContain('billing.yaml:2:8 error paths: must be a mapping\n  2 | paths: 5');
});

test('operations that the contract does not have are 1', async () => {
  const text = `${CONFIGURATION}    policies: { contract: { operations: { creatPayment: { request: off } } } }\n`;
  const { code, out } = await call([file('plumbline.yaml', text)]);
  expect(code).toBe(1);
  expect(out).toContain('plumbline.yaml:8:43 error routes[0].policies.contract.operations.creatPayment');
  expect(out).toContain('did you mean "createPayment"?');
});

test('warnings alone are fine', async () => {
  const { code, out } = await call([
    file('plumbline.yaml', CONFIGURATION.replace('{ in: { port: 1 } }', '{ in: { port: 1 }, b: { port: 2 } }')),
  ]);
  expect(code).toBe(0);
  expect(out).toContain('✓ plumbline.yaml 2 listeners, 1 route, 1 contract\n');
  expect(out).toContain('plumbline.yaml:2:31 warning listeners.b: has no route');
});

test('a file that cannot be read is 2, and the others are checked all the same', async () => {
  const { code, out } = await call(['absent.yaml', file('plumbline.yaml', CONFIGURATION)]);
  expect(code).toBe(2);
  expect(out).toContain('absent.yaml error there is no such file');
  expect(out).toContain('✓ plumbline.yaml');
});

test('--format json is one document on stdout and nothing else', async () => {
  const { code, out, err } = await call([file('plumbline.yaml', CONFIGURATION), file('bad.yaml', 'listners: {}\nroutes: []\n')], {
    format: 'json',
  });
  expect(code).toBe(1);
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual({
    ok: false,
    problems: [
      {
        severity: 'error',
        code: 'unknown_key',
        message: 'unknown key',
        file: 'bad.yaml',
        line: 1,
        column: 1,
        pointer: '/listners',
        suggestion: 'listeners',
        found: 'listners',
        allowed: expect.arrayContaining(['listeners', 'routes']),
      },
      { severity: 'error', code: 'too_few', message: 'needs at least 1 entry', file: 'bad.yaml', line: 2, column: 9, pointer: '/routes' },
    ],
    contracts: [{ name: 'billing', version: '1.2.0', digest: '0123456789ab', operations: 2 }],
  });
});

test.each([
  ['part.yaml', true],
  ['shadow', false],
])('a line of %s is quoted: %s; only documents are, whatever a contract refers to', async (name, quoted) => {
  file(name, 'root:x:0:0:secret\n');
  const problem = {
    severity: 'error',
    code: 'yaml',
    message: 'cannot be read',
    file: join(dir, name),
    line: 1,
    column: 5,
    pointer: '',
  } as const;
  contracts.mockResolvedValue({ problems: [problem], contracts: [] });
  const { code, out, err } = await call([file('openapi.yaml', CONTRACT)]);
  expect(code).toBe(1);
  expect(out + err).toContain(`${name}:1`);
  expect((out + err).includes('secret')).toBe(quoted);
});

test('what is doubtful is told after what is wrong in a configuration with its contracts', async () => {
  const text = `contracts: { billing: { openapi: billing.yaml } }
listeners: { in: { port: 1 }, out: { port: 2, direction: egress } }
routes:
  - { name: a, listener: in, upstream: "http://a", contract: billing }
  - { name: b, listener: out, upstream: "http://partner:8080" }
`;
  const { code, out } = await call([file('plumbline.yaml', text)]);
  expect(code).toBe(0);
  expect(out).toContain('plumbline.yaml:1:14 info contracts.billing: has no `owner.team`');
  expect(out).toContain('plumbline.yaml:5:5 warning routes[1]: the service depends on partner:8080');
});

const many = (n: number, severity: 'error' | 'warning' | 'info', code: string) =>
  Array.from({ length: n }, (_, i) => ({ severity, code, message: `m${i}`, file: 'x.yaml', line: 0, column: 0, pointer: '' }));

test('of many warnings of one kind some are shown, and how many there are; --all shows every one', async () => {
  contracts.mockResolvedValue({ problems: [...many(30, 'warning', 'style'), ...many(4, 'info', 'taste')], contracts: [] });
  const some = await call([file('openapi.yaml', CONTRACT)]);
  expect(some.out.match(/warning m/g)).toHaveLength(5);
  expect(some.out.match(/info m/g)).toHaveLength(3);
  expect(some.out).toContain(
    '\n  warning  style    30\n  info     taste     4\n\n30 warnings, 4 infos; 26 of them not shown here: --all shows them\n',
  );
  const all = await call([file('openapi.yaml', CONTRACT)], { shown: 'all' });
  expect(all.out.match(/warning m/g)).toHaveLength(30);
  expect(all.out).not.toContain('--all');
});

test('errors are shown, however many', async () => {
  contracts.mockResolvedValue({ problems: many(30, 'error', 'wrong'), contracts: [] });
  const { code, out } = await call([file('openapi.yaml', CONTRACT)]);
  expect(code).toBe(1);
  expect(out.match(/error m/g)).toHaveLength(30);
});

test('flags and variables', () => {
  const io = (env: Record<string, string> = {}) => ({ stdout: { write: () => 0 }, stderr: { write: () => 0 }, env, cwd: dir });
  expect(checkOptions({}, io())).toEqual({ format: 'text', shown: 'some' });
  expect(checkOptions({ json: true, all: true }, io())).toEqual({ format: 'json', shown: 'all' });
  expect(checkOptions({ json: true, format: 'json' }, io()).format).toBe('json');
  expect(checkOptions({}, io({ PLUMBLINE_FORMAT: 'sarif' })).format).toBe('sarif');
  expect(() => checkOptions({ format: 'xml' }, io())).toThrow(new UsageError('--format takes text, json, sarif, github, not "xml"'));
  expect(() => checkOptions({ format: 'toString' }, io())).toThrow(UsageError);
  expect(() => checkOptions({ json: true, format: 'sarif' }, io())).toThrow(new UsageError('--json and --format sarif cannot go together'));
});

test('what is wrong with a document of two contracts is told once', async () => {
  const [one] = many(1, 'warning', 'style');
  contracts.mockResolvedValue({ problems: [{ ...one, contract: 'a' } as never, { ...one, contract: 'b' } as never], contracts: [] });
  const { out } = await call([file('plumbline.yaml', CONFIGURATION)]);
  expect(out.match(/warning m0/g)).toHaveLength(1);
});
