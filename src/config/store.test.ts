import { describe, expect, test } from 'vitest';
import { type Parsed, parseConfiguration } from './parse.ts';
import { PLAIN, renderProblems } from './render.ts';
import { type Settings, type StoreSettings, shownSettings } from './settings.ts';

const SOUND = 'listeners: { in: {} }\nroutes: [{ name: r, listener: in, upstream: "http://a" }]\n';

function parse(store: string, env: Readonly<Record<string, string>> = {}): Parsed {
  return parseConfiguration({ text: `${SOUND}store: ${store}\n`, file: 'plumbline.yaml', dir: '/', env });
}

function storeOf(store: string, env?: Readonly<Record<string, string>>): StoreSettings {
  const { problems, settings } = parse(store, env);
  expect(problems).toEqual([]);
  return (settings as Settings).store;
}

const REDIS = { kind: 'redis', url: 'redis://127.0.0.1:6379', timeoutMs: 20, prefix: 'plumbline', replicas: 'auto' };

describe('the store', () => {
  test.each([
    ['{}', { kind: 'memory', maxBytes: 67_108_864 }],
    ['{ kind: memory, maxBytes: 1GiB }', { kind: 'memory', maxBytes: 1024 ** 3 }],
    ['{ kind: redis, url: "redis://127.0.0.1:6379" }', REDIS],
    [
      '{ kind: redis, url: "redis://127.0.0.1:6379", timeout: 5ms, prefix: "a:b", replicas: 3 }',
      { ...REDIS, timeoutMs: 5, prefix: 'a:b', replicas: 3 },
    ],
    [`{ kind: redis, url: "rediss://u:p%40w@[::1]/2", replicas: "\${N}" }`, { ...REDIS, url: 'rediss://u:p%40w@[::1]/2', replicas: 7 }],
  ])('%s', (text, expected) => {
    expect(storeOf(text, { N: '7' })).toEqual(expected);
  });

  test.each([
    ['{ kind: redis }', 'missing_key /store/url', 'is required where `kind` is redis'],
    ['{ url: "redis://a" }', 'not_with_kind /store/url', 'belongs to `kind: redis`, and this is memory'],
    ['{ kind: redis, url: "redis://a", maxBytes: 2MiB }', 'not_with_kind /store/maxBytes', 'belongs to `kind: memory`, and this is redis'],
    ['{ kind: rediss }', 'not_allowed /store/kind', 'rediss'],
    ['{ kind: redis, url: "redis://a", replicas: 0 }', 'out_of_range /store/replicas', '0 is not within 1 to 10000'],
    ['{ kind: redis, url: "redis://a", replicas: some }', 'wrong_type /store/replicas', '`auto` or a whole number'],
    ['{ kind: redis, url: "redis://a", prefix: "a{b}" }', 'malformed /store/prefix', 'letters, digits'],
    ['{ kind: redis, url: "redis://a", timeout: 2s }', 'out_of_range /store/timeout', '1ms to 1s'],
    ['{ kind: memory, maxBytes: 1KiB }', 'out_of_range /store/maxBytes', '1MiB'],
    ['{ kind: redis, url: "127.0.0.1:6379" }', 'malformed /store/url', 'is not a URL like redis://127.0.0.1:6379'],
    ['{ kind: redis, url: "http://a" }', 'not_allowed /store/url', 'possible: redis://, rediss:// (TLS)'],
    ['{ kind: redis, url: "redis://" }', 'malformed /store/url', ''],
    ['{ kind: redis, url: "redis://a:0" }', 'malformed /store/url', 'port 0'],
    ['{ kind: redis, url: "redis://a:99999" }', 'malformed /store/url', ''],
    ['{ kind: redis, url: "redis://a/x" }', 'malformed /store/url', 'has a path'],
    ['{ kind: redis, url: "redis://a?b=c" }', 'malformed /store/url', 'has a query'],
    ['{ kind: redis, url: "redis://a#c" }', 'malformed /store/url', 'has a fragment'],
    ['{ kind: redis, url: "redis://user@a" }', 'malformed /store/url', 'a user without a password'],
  ])('%s is refused', (text, place, message) => {
    const { problems } = parse(text);
    expect(problems.map((p) => `${p.code} ${p.pointer}`)).toEqual([place]);
    expect(problems[0]?.message).toContain(message);
  });

  test.each([
    'redis://:s3/cr3t@a',
    'redis://:s3?cr3t@a',
    'redis://:s3#cr3t@a',
    'redis://:s3@cr3t@a:x',
    'redis://:s3%zzcr3t@a',
    'http://u:s3cr3t@a',
    'redis://:s3cr3t.a:6379', // its @ was forgotten
    'redis://user:s3cr3t',
    'redis://a?password=s3cr3t',
    'redis://a/s3cr3t',
    'redis:/:s3cr3t@a',
    ':s3cr3t@a:6379',
    's3cr3t@a:6379',
  ])('a password is not repeated: %s', (url) => {
    const { problems } = parse(`{ kind: redis, url: "${url}" }`);
    expect(problems).toHaveLength(1);
    const report = renderProblems(problems, () => `\n\nstore: { kind: redis, url: "${url}" }\n`, PLAIN);
    expect(report).not.toMatch(/s3|cr3t/);
    expect(JSON.stringify(problems)).not.toMatch(/s3|cr3t/);
  });

  test('a password is not repeated where the URL stands in the place of a mapping', () => {
    const { problems } = parse('"redis://:s3cr3t@a:6379"');
    expect(problems[0]?.message).toBe('expected a mapping, found "redis://***@a:6379"');
  });

  test('what is shown has no credentials', () => {
    const { settings } = parse('{ kind: redis, url: "redis://user:s3cr3t@cache.example:6380/2" }');
    const shown = shownSettings(settings as Settings);
    expect(shown['store']).toEqual({ ...REDIS, url: 'redis://***@cache.example:6380/2' });
    expect(JSON.stringify(shown)).not.toContain('s3cr3t');
  });
});
