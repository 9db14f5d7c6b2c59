import { describe, expect, test } from 'vitest';
import type { Override } from './overrides.ts';
import { type Parsed, parseConfiguration, parseWithoutFile } from './parse.ts';
import { type Settings, shownSettings } from './settings.ts';
import { fakeContract, fakeOperation } from '../../test/kit/contract.ts';
import { unknownOperations } from './unknown-operations.ts';

const having = (...ids: string[]) => fakeContract(ids.map((id) => fakeOperation({ id })));

function settings(text: string, env: Readonly<Record<string, string>> = {}): Settings {
  const parsed = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/etc/plumbline', env });
  expect(parsed.problems).toEqual([]);
  return parsed.settings as Settings;
}

const SMALL = 'listeners: { in: {} }\nroutes: [{ name: r, listener: in, upstream: "http://127.0.0.1:3000/" }]\n';

test('the defaults are those that are documented', () => {
  const { placeOf: _, ...all } = settings(SMALL);
  expect(all).toEqual({
    service: { name: 'unnamed', version: '', environment: '' },
    admin: { host: '127.0.0.1', port: 7090, token: undefined },
    probes: undefined,
    drain: { delayMs: 0, graceMs: 25_000 },
    reload: { watch: true, pollMs: 2000 },
    trust: { peers: ['127.0.0.0/8', '::1/128'], ids: 'anyone' },
    hygiene: { paths: 'reject', underscores: 'reject' },
    errors: { detail: 'full' },
    identity: {
      consumer: [
        { from: 'header', header: 'x-consumer-name', version: 'x-consumer-version' },
        { from: 'apiKey', header: 'x-api-key' },
        { from: 'userAgent' },
      ],
      verify: undefined,
    },
    telemetry: {
      accessLog: 'stdout',
      limits: {
        operations: 300,
        consumers: 50,
        versionsPerConsumer: 3,
        lines: 5000,
        violations: 1000,
        findings: 5000,
        outcomes: 1000,
        bufferedBytes: 67_108_864,
        upgrades: 1000,
      },
    },
    store: { kind: 'memory', maxBytes: 67_108_864 },
    state: undefined,
    contracts: {},
    consumers: {},
    listeners: [
      {
        name: 'in',
        direction: 'ingress',
        host: undefined,
        port: 7080,
        keepAliveMs: 75_000,
        headerTimeoutMs: 10_000,
        maxHeaderBytes: 16_384,
        maxUrlBytes: 8192,
        maxConnections: 10_000,
        underscores: 'reject',
        ownFields: ['x-consumer-name', 'x-consumer-version'],
      },
    ],
    routes: [
      {
        name: 'r',
        listener: 'in',
        match: { path: '/', host: undefined, methods: undefined, headers: {}, mediaType: undefined },
        upstream: { url: 'http://127.0.0.1:3000', preserveHost: true, stripPrefix: undefined, connections: 256, idleMs: 4000 },
        contract: undefined,
        webhooks: undefined,
        policies: {
          deadline: { totalMs: undefined, attemptMs: undefined, connectMs: 1000, idleMs: 300_000, aliases: [] },
          contract: {
            request: 'report',
            response: 'report',
            undocumented: undefined,
            ignore: [],
            sample: 1,
            maxBodyBytes: 1_048_576,
            onUnchecked: 'pass',
            countRefused: false,
            showValues: [],
            operations: {},
          },
        },
      },
    ],
  });
});

test('sections with nothing under them mean their defaults', () => {
  expect(settings(`${SMALL}drain:\ntelemetry:\n  limits:\nidentity:\n`).drain.graceMs).toBe(25_000);
});

test('the whole is frozen', () => {
  const all = settings(SMALL);
  for (const part of [all, all.routes, all.routes[0], all.routes[0]?.match, all.telemetry.limits]) expect(Object.isFrozen(part)).toBe(true);
});

test('preserveHost: by default on ingress, not on egress', () => {
  const hosts = (upstream: string): boolean[] => {
    const listeners = 'listeners: { in: {}, out: { direction: egress, host: 127.0.0.1, port: 1 } }';
    const routes = ['in', 'out'].map((name) => `{ name: ${name}, listener: ${name}, upstream: ${upstream} }`);
    return settings(`${listeners}\nroutes: [${routes.join(', ')}]`).routes.map((route) => route.upstream.preserveHost);
  };
  expect(hosts('"http://a"')).toEqual([true, false]);
  expect(hosts('{ url: "http://a" }')).toEqual([true, false]);
  expect(hosts('{ url: "http://a", preserveHost: true }')).toEqual([true, true]);
  expect(hosts('{ url: "http://a", preserveHost: false }')).toEqual([false, false]);
});

test('hygiene reaches every listener, with the fields that the configuration makes ours', () => {
  const routes = ['in, policies: { deadline: { aliases: [Grpc-Timeout] } }', 'b'].map(
    (listener, i) => `{ name: r${i}, upstream: "http://a", listener: ${listener} }`,
  );
  const { hygiene, listeners } = settings(
    [
      `listeners: { in: {}, b: { port: 1 } }\nroutes: [${routes.join(', ')}]`,
      'hygiene: { underscores: pass, paths: normalise }',
      'identity: { consumer: [{ header: X-Team, version: X-Build }, { apiKey: { header: X-Key } }] }',
    ].join('\n'),
  );
  expect(hygiene).toEqual({ paths: 'normalise', underscores: 'pass' });
  expect(listeners.map(({ underscores, ownFields }) => [underscores, ownFields])).toEqual([
    ['pass', ['x-team', 'x-build', 'grpc-timeout']],
    ['pass', ['x-team', 'x-build']],
  ]);
});

test('what a route matches is read as it stands on the wire', () => {
  const match = (text: string) => settings(SMALL.replace('upstream', `match: { ${text} }, upstream`)).routes[0]?.match;
  expect(match('host: Billing.Example.')).toMatchObject({ host: 'billing.example' });
  expect(match('host: "::1"')).toMatchObject({ host: '[::1]' });
  expect(match('host: "[::1]"')).toMatchObject({ host: '[::1]' });
  expect(match('path: /café/ü/')).toMatchObject({ path: '/caf%C3%A9/%C3%BC' });
});

test('relative paths are taken from the directory of the file', () => {
  const text = `${SMALL.replace('upstream', 'contract: c, upstream')}contracts: { c: { openapi: ../c.yaml } }\ntelemetry: { accessLog: log/access.log }\n`;
  const { contracts, telemetry } = settings(text);
  expect(contracts.c?.path).toBe('/etc/c.yaml');
  expect(telemetry.accessLog).toBe('/etc/plumbline/log/access.log');
});

test('variables are text wherever a value stands', () => {
  const text = `${SMALL}admin: { host: "\${HOST:-::1}", port: "\${PORT}", token: "\${TOKEN}" }\nerrors:\n  detail: \${DETAIL:-codes}\ndrain: { grace: "\${GRACE}s" }\n`;
  const { admin, errors, drain } = settings(text, { PORT: '1234', TOKEN: '0123', GRACE: '5', HOST: '' });
  expect(admin).toEqual({ host: '::1', port: 1234, token: '0123' });
  expect(errors.detail).toBe('codes');
  expect(drain.graceMs).toBe(5000);
});

test('an empty token is none, and a token is never shown', () => {
  expect(settings(`${SMALL}admin: { token: "\${TOKEN:-}" }`).admin.token).toBeUndefined();
  const shown = shownSettings(settings(`${SMALL}admin: { token: hunter2 }`));
  expect(shown).toMatchObject({ admin: { token: '***' }, routes: [{ name: 'r' }] });
  expect(JSON.stringify(shown)).not.toContain('hunter2');
});

test('names of the prototype are names like any other', () => {
  const text =
    'listeners: { constructor: {} }\ncontracts: { toString: { openapi: a.yaml } }\nroutes: [{ name: valueOf, listener: constructor, contract: toString, upstream: "http://a", policies: { contract: { operations: { __proto__: { request: off } } } } }]';
  const { contracts, listeners, routes } = settings(text);
  expect(Object.keys(contracts)).toEqual(['toString']);
  expect(listeners[0]?.name).toBe('constructor');
  expect(Object.entries(routes[0]?.policies.contract.operations ?? {})).toEqual([['__proto__', { request: 'off' }]]);
});

describe('what is said over the file', () => {
  const over = (text: string, ...overrides: Override[]): Parsed =>
    parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {}, overrides });

  test('flags and variables win', () => {
    const { settings: got } = over(
      `${SMALL}admin: { port: 1 }`,
      { key: 'adminPort', value: '2', origin: '--admin-port' },
      { key: 'adminToken', value: '0123', origin: 'PLUMBLINE_ADMIN_TOKEN' },
      { key: 'port', value: '3', origin: '--port' },
      { key: 'host', value: '::1', origin: '--host' },
      { key: 'accessLog', value: 'off', origin: '--access-log' },
    );
    expect(got?.admin).toEqual({ host: '127.0.0.1', port: 2, token: '0123' });
    expect(got?.listeners[0]).toMatchObject({ host: '::1', port: 3 });
    expect(got?.telemetry.accessLog).toBe('off');
  });

  test('a mistake in one is reported by its name', () => {
    const { problems } = over(SMALL, { key: 'adminPort', value: 'many', origin: 'PLUMBLINE_ADMIN_PORT' });
    expect(problems).toMatchObject([{ file: 'PLUMBLINE_ADMIN_PORT', line: 0, pointer: '', code: 'wrong_type' }]);
  });

  test('--port needs to know which listener', () => {
    const two = SMALL.replace('{ in: {} }', '{ in: { port: 1 }, b: { port: 2 } }');
    const { settings: got, problems } = over(two, { key: 'port', value: '3', origin: '--port' });
    expect(got).toBeUndefined();
    expect(problems[0]).toMatchObject({ file: '--port', code: 'ambiguous_flag', pointer: '' });
  });
});

describe('without a file', () => {
  const of = (spec: string, upstream: string, enforce?: string): Parsed =>
    parseWithoutFile(
      {
        spec: { value: spec, origin: '--spec' },
        upstream: { value: upstream, origin: '--upstream' },
        enforce: enforce === undefined ? undefined : { value: enforce, origin: '--enforce' },
      },
      { dir: '/srv', overrides: [] },
    );

  test.each([
    [undefined, 'report', 'report'],
    ['request', 'enforce', 'report'],
    ['response', 'report', 'enforce'],
    ['both', 'enforce', 'enforce'],
  ])('--enforce %s', (enforce, request, response) => {
    const { settings: got } = of('billing/openapi.yaml', 'http://127.0.0.1:3000', enforce);
    expect(got?.routes[0]?.policies.contract).toMatchObject({ request, response });
  });

  test('ports and names', () => {
    const { settings: got } = of('specs/things.openapi.yaml', 'http://127.0.0.1:3000');
    expect(got?.listeners[0]).toMatchObject({ name: 'ingress', host: undefined, port: 7080 });
    expect(got?.admin).toMatchObject({ host: '127.0.0.1', port: 7090 });
    expect(got?.contracts.things?.path).toBe('/srv/specs/things.openapi.yaml');
    for (const [spec, name] of [
      ['billing/openapi.yaml', 'billing'],
      ['a.json', 'a'],
      ['openapi.yaml', 'api'],
      ['/openapi.json', 'api'],
    ] as const) {
      expect(of(spec, 'http://a').settings?.routes[0]?.name, spec).toBe(name);
    }
  });

  test('a mistake is reported by its flag', () => {
    const { problems } = of('a.yaml', 'https://127.0.0.1');
    expect(problems).toMatchObject([{ file: '--upstream', code: 'not_in_this_version', pointer: '' }]);
  });
});

test('operations that the contract does not have are found with their place', () => {
  const text = `listeners: { in: {} }
contracts: { c: { openapi: c.yaml } }
routes:
  - name: r
    listener: in
    upstream: http://a
    contract: c
    policies:
      contract:
        operations:
          createPayment: { request: off }
          "GET /x/{id}": { request: off }
          creatPayment: { request: off }
`;
  const all = settings(text);
  expect(unknownOperations(all, () => undefined)).toEqual([]);
  const problems = unknownOperations(all, (name) => (name === 'c' ? having('createPayment', 'GET /x/{id}') : undefined));
  expect(problems).toMatchObject([
    {
      severity: 'error',
      code: 'unknown_operation',
      file: 'plumbline.yaml',
      line: 13,
      column: 11,
      pointer: '/routes/0/policies/contract/operations/creatPayment',
      suggestion: 'createPayment',
    },
  ]);
});

test('so are those that a policy requires something of; at the top level one contract that has them is enough', () => {
  const all = settings(`listeners: { in: {} }
contracts: { c: { openapi: c.yaml }, d: { openapi: d.yaml } }
policies: { precondition: { required: [updateInvoice, updateInvoce] } }
routes:
  - { name: r, listener: in, upstream: "http://a", contract: c, match: { path: /c } }
  - { name: s, listener: in, upstream: "http://a", contract: d, policies: { idempotency: { required: [createInvoice, createInvoce] } } }
`);
  const ids: Record<string, readonly string[]> = { c: ['getInvoice'], d: ['createInvoice', 'updateInvoice'] };
  const found = (of: typeof ids): string[] =>
    unknownOperations(all, (name) => (of[name] === undefined ? undefined : having(...of[name]))).map(
      ({ pointer, suggestion }) => `${pointer} ${suggestion ?? ''}`,
    );
  expect(found(ids)).toEqual(['/policies/precondition/required/1 ', '/routes/1/policies/idempotency/required/1 createInvoice']);
  // A contract that could not be loaded may have them.
  expect(found({ c: ids['c'] as readonly string[] })).toEqual([]);
});
