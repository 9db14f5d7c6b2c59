import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { StartError } from '../app/start-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Io } from './output.ts';
import { type RunningGateway, run } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-run-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const GOLDEN = join(import.meta.dirname, '../config/golden');

const SOUND = `admin: { port: 1 }
listeners: { in: { port: 2 } }
routes: [{ name: r, listener: in, upstream: "http://127.0.0.1:3000" }]
`;

class Text {
  text = '';
  write(text: string): void {
    this.text += text;
  }
}

let out: Text;
let err: Text;
beforeEach(() => {
  out = new Text();
  err = new Text();
  for (const name of ['plumbline.yaml', 'empty']) rmSync(join(dir, name), { recursive: true, force: true });
});

function file(text: string): string {
  writeFileSync(join(dir, 'plumbline.yaml'), text);
  return 'plumbline.yaml';
}

const io = (env: Io['env'] = {}, cwd = dir): Io => ({ stdout: out, stderr: err, env, cwd });

/** A gateway that has started, and what becomes of it. */
function gateway() {
  const drained = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const signals = new EventEmitter();
  const running: RunningGateway = {
    listeners: [{ name: 'in', url: 'http://0.0.0.0:41234' }],
    admin: { url: 'http://127.0.0.1:41235' },
    probes: { url: 'http://0.0.0.0:41236' },
    reload: vi.fn(async () => undefined),
    drain: vi.fn(() => drained.promise),
    cut: vi.fn(() => Promise.resolve()),
    closed: closed.promise,
  };
  let settings: Settings | undefined;
  const start = vi.fn(async (given: Settings) => {
    settings = given;
    return running;
  });
  const clock = { ms: 0 };
  return { drained, closed, signals, running, clock, parts: { start, signals, now: () => clock.ms }, settings: () => settings as Settings };
}

/** Runs until the gateway is announced. */
async function started(flags: Record<string, unknown>, given: Io = io()) {
  const g = gateway();
  const code = run(flags, given, g.parts);
  await vi.waitFor(() => expect(g.signals.listenerCount('SIGINT')).toBe(1));
  return { ...g, code };
}

/** What a run with these flags and variables would start with. */
async function settingsOf(flags: Record<string, unknown>, env: Io['env'] = {}): Promise<Settings> {
  const g = await started(flags, io(env));
  g.closed.resolve();
  expect(await g.code).toBe(0);
  return g.settings();
}

const refused = async (flags: Record<string, unknown>, env: Io['env'] = {}): Promise<number> => {
  const g = gateway();
  const code = await run(flags, io(env), g.parts);
  expect(g.parts.start).not.toHaveBeenCalled();
  return code;
};

test('flag over environment over file over default', async () => {
  const config = file(SOUND);
  expect((await settingsOf({ config })).admin.port).toBe(1);
  expect((await settingsOf({ config }, { PLUMBLINE_ADMIN_PORT: '3' })).admin.port).toBe(3);
  expect((await settingsOf({ config, adminPort: '4' }, { PLUMBLINE_ADMIN_PORT: '3' })).admin.port).toBe(4);
  file(SOUND.replace('admin: { port: 1 }', ''));
  expect((await settingsOf({ config })).admin.port).toBe(7090);
});

test('every flag has its variable', async () => {
  const env = {
    PLUMBLINE_SPEC: 'billing.yaml',
    PLUMBLINE_UPSTREAM: 'http://127.0.0.1:3000',
    PLUMBLINE_ENFORCE: 'both',
    PLUMBLINE_HOST: '127.0.0.1',
    PLUMBLINE_PORT: '5',
    PLUMBLINE_ADMIN_HOST: '0.0.0.0',
    PLUMBLINE_ADMIN_PORT: '6',
    PLUMBLINE_ADMIN_TOKEN: 't',
    PLUMBLINE_ACCESS_LOG: './a.log',
  };
  const settings = await settingsOf({}, env);
  expect(settings).toMatchObject({
    admin: { host: '0.0.0.0', port: 6, token: 't' },
    telemetry: { accessLog: join(dir, 'a.log') },
    listeners: [{ host: '127.0.0.1', port: 5 }],
    routes: [{ upstream: { url: 'http://127.0.0.1:3000' }, policies: { contract: { request: 'enforce', response: 'enforce' } } }],
  });
  file(SOUND);
  expect((await settingsOf({}, { PLUMBLINE_CONFIG: 'plumbline.yaml' })).admin.port).toBe(1);
});

test('what Kubernetes says of a Service named plumbline is not meant for us, and an empty variable is none', async () => {
  const env = { PLUMBLINE_PORT: 'tcp://10.0.0.1:7080', PLUMBLINE_ADMIN_PORT: '' };
  expect(await settingsOf({ config: file(SOUND) }, env)).toMatchObject({ admin: { port: 1 }, listeners: [{ port: 2 }] });
});

test('without flags, plumbline.yaml of the working directory', async () => {
  file(SOUND);
  expect((await settingsOf({})).admin.port).toBe(1);
});

describe('wrong usage says what to do', () => {
  test.each([
    [{}, /nothing to run.*plumbline run --spec/s],
    [{ spec: 'a.yaml' }, /--spec needs --upstream/],
    [{ upstream: 'http://a' }, /--upstream needs --spec/],
    [{ enforce: 'request' }, /--enforce needs --spec/],
    [{ spec: 'a.yaml', upstream: 'http://a', enforce: 'all' }, /request, response or both, not "all"/],
    [{ config: 'a.yaml', spec: 'a.yaml' }, /--spec cannot go with --config/],
  ])('%j', async (flags, message) => {
    await expect(refused(flags)).rejects.toThrow(message);
  });
});

test('a configuration with mistakes is exit 2, with all of them on stderr', async () => {
  expect(await refused({ config: file(`${SOUND}telemetri: {}\nidentity: { consumer: [{ certificate: spiffe }] }\n`) })).toBe(2);
  expect(err.text).toContain('plumbline.yaml:4:1 error telemetri: unknown key; did you mean "telemetry"?');
  expect(err.text).toContain('error identity.consumer[0].certificate: not in this version');
  expect(err.text).toContain('  4 | telemetri: {}\n    | ^^^^^^^^^\n');
  expect(err.text).toContain('2 errors');
  expect(out.text).toBe('');
});

test('ten different mistakes are ten problems, and exit 2', async () => {
  expect(await refused({ config: join(GOLDEN, 'ten-mistakes.yaml') })).toBe(2);
  const places = err.text.match(/ten-mistakes\.yaml:\d+:\d+ error /g);
  expect(places).toHaveLength(10);
});

test('a contract in the place of a configuration is called by its name', async () => {
  const config = file('openapi: 3.1.0\ninfo: { title: a, version: "1" }\npaths: {}\n');
  await expect(refused({ config })).rejects.toThrow(/plumbline\.yaml is a contract.*--spec plumbline\.yaml --upstream/);
});

test('a flag with a mistake is exit 2, by its name', async () => {
  expect(await refused({ config: file(SOUND), adminPort: 'x' })).toBe(2);
  expect(err.text).toMatch(/^--admin-port error expected a whole number/);
});

test('a file that is not there is exit 2', async () => {
  expect(await refused({ config: 'absent.yaml' })).toBe(2);
  expect(err.text).toMatch(/^absent\.yaml error there is no such file/);
});

test('what keeps the gateway from starting is exit 2, without a stack', async () => {
  const g = gateway();
  g.parts.start.mockRejectedValueOnce(new StartError('listener in cannot listen on 0.0.0.0:2: the port is taken'));
  expect(await run({ config: file(SOUND) }, io(), g.parts)).toBe(2);
  expect(err.text).toBe('plumbline: listener in cannot listen on 0.0.0.0:2: the port is taken\n');
});

test('problems of contracts at start are shown like those of the configuration', async () => {
  const g = gateway();
  const problem = {
    severity: 'error',
    code: 'x',
    message: 'is wrong',
    file: join(dir, 'plumbline.yaml'),
    line: 2,
    column: 1,
    pointer: '/a/b',
  } as const;
  g.parts.start.mockRejectedValueOnce(new StartError('contracts', [problem]));
  expect(await run({ config: file(SOUND) }, io(), g.parts)).toBe(2);
  expect(err.text).toContain('plumbline.yaml:2:1 error a.b: is wrong\n  2 | listeners');
});

test('a bug is no exit 2', async () => {
  const g = gateway();
  g.parts.start.mockRejectedValueOnce(new TypeError('x is not a function'));
  await expect(run({ config: file(SOUND) }, io(), g.parts)).rejects.toThrow(TypeError);
});

test('listeners are announced on stderr with their real addresses; warnings too', async () => {
  const g = await started({ config: file(`${SOUND}policies: { deadline: { total: 1s, attempt: 2s } }\n`) });
  expect(err.text).toContain('http://0.0.0.0:41234');
  expect(err.text).toContain('http://127.0.0.1:41235');
  expect(err.text).toContain('plumbline probes http://0.0.0.0:41236\n');
  expect(err.text).toContain('warning policies.deadline.attempt');
  expect(out.text).toBe('');
  g.closed.resolve();
  expect(await g.code).toBe(0);
});

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'])('%s drains and ends with 0', async (signal) => {
    const g = await started({ config: file(SOUND) });
    g.signals.emit(signal, signal);
    expect(g.running.drain).toHaveBeenCalledTimes(1);
    g.drained.resolve();
    expect(await g.code).toBe(0);
    expect(g.signals.listenerCount('SIGTERM') + g.signals.listenerCount('SIGINT')).toBe(0);
  });

  test('a second Ctrl-C ends it at once; a second SIGTERM changes nothing', async () => {
    const g = await started({ config: file(SOUND) });
    g.signals.emit('SIGTERM', 'SIGTERM');
    g.clock.ms = 501;
    g.signals.emit('SIGTERM', 'SIGTERM');
    g.signals.emit('SIGINT', 'SIGINT');
    expect(await g.code).toBe(130);
    expect(g.running.drain).toHaveBeenCalledTimes(1);
  });

  test('the same Ctrl-C, passed on by npx, is no second one', async () => {
    const g = await started({ config: file(SOUND) });
    g.signals.emit('SIGINT', 'SIGINT');
    g.clock.ms = 400;
    g.signals.emit('SIGINT', 'SIGINT');
    g.drained.resolve();
    expect(await g.code).toBe(0);
  });

  test('a drain that fails is a bug', async () => {
    const g = await started({ config: file(SOUND) });
    g.signals.emit('SIGTERM', 'SIGTERM');
    g.drained.reject(new Error('no'));
    await expect(g.code).rejects.toThrow('no');
  });

  test('SIGHUP has the configuration read again, as often as it comes, and ends nothing', async () => {
    const g = await started({ config: file(SOUND) });
    g.signals.emit('SIGHUP', 'SIGHUP');
    g.signals.emit('SIGHUP', 'SIGHUP');
    expect(g.running.reload).toHaveBeenCalledTimes(2);
    g.closed.resolve();
    expect(await g.code).toBe(0);
    expect(g.signals.listenerCount('SIGHUP')).toBe(0);
  });

  test('SIGHUP during the start is kept until there is somebody to reload', async () => {
    const g = gateway();
    const opened = Promise.withResolvers<RunningGateway>();
    g.parts.start.mockReturnValueOnce(opened.promise);
    const code = run({ config: file(SOUND) }, io(), g.parts);
    await vi.waitFor(() => expect(g.parts.start).toHaveBeenCalled());
    g.signals.emit('SIGHUP', 'SIGHUP');
    opened.resolve(g.running);
    await vi.waitFor(() => expect(g.running.reload).toHaveBeenCalledTimes(1));
    g.closed.resolve();
    expect(await code).toBe(0);
  });

  test('a start that fails leaves no ear for signals', async () => {
    const g = gateway();
    expect(await run({ config: 'absent.yaml' }, io(), g.parts)).toBe(2);
    expect(g.signals.listenerCount('SIGHUP')).toBe(0);
  });
});
