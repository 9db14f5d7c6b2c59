import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import type { checkContracts } from '../app/check-contracts.ts';
import { check } from './check.ts';

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
      name,
      version: '1.2.0',
      digest: '0123456789ab',
      operations: ['createPayment', 'getPayment'],
      openMutations: ['createPayment'],
    })),
  }));
});

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return name;
}

async function call(files: string[], flags: { json: boolean } = { json: false }) {
  let [out, err] = ['', ''];
  const code = await check(files, flags, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
    cwd: dir,
  });
  return { code, out, err };
}

const CONFIGURATION = `contracts: { billing: { openapi: billing.yaml } }
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
  const { code, out } = await call([file('plumbline.yaml', `${CONFIGURATION}telemetri: {}\nconsumers: {}\n`)]);
  expect(code).toBe(1);
  expect(out).toContain('plumbline.yaml:8:1 error telemetri: unknown key; did you mean "telemetry"?\n  8 | telemetri: {}');
  expect(out).toContain('plumbline.yaml:9:1 error consumers: not in this version');
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

test('--json is one document on stdout and nothing else', async () => {
  const { code, out, err } = await call([file('plumbline.yaml', CONFIGURATION), file('bad.yaml', 'listners: {}\nroutes: []\n')], {
    json: true,
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
