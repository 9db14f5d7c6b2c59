import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { InjectorOptions, RunningInjector } from '../app/injector.ts';
import { StartError } from '../app/start-error.ts';
import { injector, injectorOptions } from './injector.ts';
import type { Io } from './output.ts';

class Text {
  text = '';
  write(text: string): void {
    this.text += text;
  }
}

const CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

const io = (env: Io['env'] = {}): Io & { stderr: Text } => ({ stdout: new Text(), stderr: new Text(), env, cwd: '/srv' });
const optionsOf = (flags: Record<string, unknown>, env: Io['env'] = {}): Promise<InjectorOptions> => injectorOptions(flags, io(env));

const SELF_SIGNED = { settings: 's.yaml', selfSigned: true, secret: 'a', webhook: 'b', service: 'c', namespace: 'd' };

describe('flags and variables', () => {
  it('have defaults but for settings and certificate', async () => {
    expect(await optionsOf({ settings: 's.yaml', certDir: 'tls' })).toEqual({
      settingsFile: '/srv/s.yaml',
      listen: { host: undefined, port: 9443 },
      probes: { host: undefined, port: 7091 },
      certificate: { dir: '/srv/tls' },
      drainDelayMs: 5000,
    });
  });

  it('say all of it', async () => {
    const flags = { settings: '/s', certDir: '/t', host: '::', port: '1', probesHost: '127.0.0.1', probesPort: '0', drainDelay: '250ms' };
    const expected = {
      settingsFile: '/s',
      listen: { host: '::', port: 1 },
      probes: { host: '127.0.0.1', port: 0 },
      certificate: { dir: '/t' },
      drainDelayMs: 250,
    };
    expect(await optionsOf(flags)).toEqual(expected);
    const env = {
      PLUMBLINE_SETTINGS: '/s',
      PLUMBLINE_CERT_DIR: '/t',
      PLUMBLINE_HOST: '::',
      PLUMBLINE_PORT: '1',
      PLUMBLINE_PROBES_HOST: '127.0.0.1',
      PLUMBLINE_PROBES_PORT: '0',
      PLUMBLINE_DRAIN_DELAY: '250ms',
    };
    expect(await optionsOf({}, env)).toEqual(expected);
  });

  it('say where a certificate of its own is kept', async () => {
    const api = { host: '10.0.0.1', port: 443, accountDir: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const selfSigned = { api, secret: 'a', webhook: 'b', service: 'c', namespace: 'd' };
    expect((await optionsOf(SELF_SIGNED, CLUSTER)).certificate).toEqual({ selfSigned });
    const env = {
      ...CLUSTER,
      PLUMBLINE_SELF_SIGNED: 'true',
      PLUMBLINE_SECRET: 'a',
      PLUMBLINE_WEBHOOK: 'b',
      PLUMBLINE_SERVICE: 'c',
      PLUMBLINE_NAMESPACE: 'd',
    };
    expect((await optionsOf({ settings: 's' }, env)).certificate).toEqual({ selfSigned });
  });
});

it('the namespace is that of the service account, where nobody says another', async () => {
  const accountDir = mkdtempSync(join(tmpdir(), 'plumbline-account-'));
  try {
    writeFileSync(join(accountDir, 'namespace'), 'tools\n');
    const { certificate } = await optionsOf({ ...SELF_SIGNED, namespace: undefined, accountDir }, CLUSTER);
    expect(certificate).toMatchObject({ selfSigned: { namespace: 'tools', api: { accountDir } } });
  } finally {
    rmSync(accountDir, { recursive: true, force: true });
  }
});

describe('wrong usage is said', () => {
  it.each<[string, Record<string, unknown>, Io['env'], RegExp]>([
    ['no settings', { certDir: 't' }, {}, /--settings is missing/],
    ['no certificate', { settings: 's' }, {}, /--cert-dir, or --self-signed/],
    ['two certificates', { ...SELF_SIGNED, certDir: 't' }, CLUSTER, /--self-signed cannot go with --cert-dir/],
    ['a port that is none', { settings: 's', certDir: 't', port: '65536' }, {}, /--port takes a port, 0 to 65535, not "65536"/],
    ['a probes port that is none', { settings: 's', certDir: 't', probesPort: 'x' }, {}, /--probes-port takes a port/],
    ['a delay without a unit', { settings: 's', certDir: 't', drainDelay: '5' }, {}, /--drain-delay takes a duration/],
    [
      'a delay that outlives its pod',
      { settings: 's', certDir: 't', drainDelay: '61s' },
      {},
      /--drain-delay takes a duration of at most 60s/,
    ],
    ['no Secret', { ...SELF_SIGNED, secret: undefined }, CLUSTER, /--self-signed needs --secret/],
    ['no webhook', { ...SELF_SIGNED, webhook: undefined }, CLUSTER, /--self-signed needs --webhook/],
    ['no service', { ...SELF_SIGNED, service: undefined }, CLUSTER, /--self-signed needs --service/],
    ['a name that would be a path', { ...SELF_SIGNED, secret: '../pods' }, CLUSTER, /--secret takes the name of an object/],
    ['a namespace that is none', { ...SELF_SIGNED, namespace: 'A' }, CLUSTER, /--namespace takes the name of an object/],
    ['no cluster', SELF_SIGNED, {}, /--self-signed: .*not in a pod\?/],
    ['no namespace to be seen', { ...SELF_SIGNED, namespace: undefined }, CLUSTER, /--self-signed: .*namespace cannot be read/],
  ])('%s', async (_, flags, env, message) => {
    await expect(optionsOf(flags, env)).rejects.toThrow(message);
  });
});

/** An injector that has started, and what becomes of it. */
function started() {
  const closed = Promise.withResolvers<void>();
  const running: RunningInjector = {
    url: 'https://[::]:9443',
    probesUrl: 'http://[::]:7091',
    drain: vi.fn(async () => undefined),
    cut: vi.fn(async () => undefined),
    closed: closed.promise,
  };
  const signals = new EventEmitter();
  return { running, closed, parts: { start: vi.fn(async () => running), signals, now: () => 0 } };
}

describe('the command', () => {
  const flags = { settings: 's.yaml', certDir: 'tls' };

  it('says where it listens, finishes what runs on SIGTERM, and ends with 0', async () => {
    const [{ running, parts }, given] = [started(), io()];
    const code = injector(flags, given, parts);
    await vi.waitFor(() => expect(parts.signals.listenerCount('SIGTERM')).toBe(1));
    expect(given.stderr.text).toContain('https://[::]:9443');
    expect(given.stderr.text).toContain('http://[::]:7091');
    parts.signals.emit('SIGTERM', 'SIGTERM');
    expect(await code).toBe(0);
    expect(running.drain).toHaveBeenCalledTimes(1);
    expect(running.cut).not.toHaveBeenCalled();
  });

  it('ends with 2 where it cannot start, and says why', async () => {
    const [{ parts }, given] = [started(), io()];
    parts.start.mockRejectedValueOnce(new StartError('tls: the certificate has expired'));
    expect(await injector(flags, given, parts)).toBe(2);
    expect(given.stderr.text).toBe('plumbline: tls: the certificate has expired\n');
  });

  it('does not hide a fault of its own', async () => {
    const { parts } = started();
    parts.start.mockRejectedValueOnce(new TypeError('x is not a function'));
    await expect(injector(flags, io(), parts)).rejects.toThrow(TypeError);
  });
});
