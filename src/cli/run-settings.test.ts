import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { firstSettings, settingsSource } from './run-settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-settings-'));
const file = join(dir, 'plumbline.yaml');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SOUND = `listeners: { in: { port: 2 } }
routes: [{ name: r, listener: in, upstream: "http://127.0.0.1:3000" }]
`;
beforeEach(() => writeFileSync(file, SOUND));

const quiet = { write: () => true };
const source = (flags: Record<string, unknown>, env: Record<string, string> = {}) =>
  settingsSource(flags, { stdout: quiet, stderr: quiet, env, cwd: dir });

describe('what is read again at a reload', () => {
  test('is the changed file, with flags and variables over it', async () => {
    const from = source({ config: 'plumbline.yaml', adminPort: '4' }, { PLUMBLINE_PORT: '5' });
    await from.read();
    writeFileSync(file, SOUND.replace('3000', '3001'));
    const { settings } = await from.read();
    expect(settings).toMatchObject({
      admin: { port: 4 },
      listeners: [{ port: 5 }],
      routes: [{ upstream: { url: 'http://127.0.0.1:3001' } }],
    });
  });

  test('is the file that was found, also where it is gone', async () => {
    const from = source({});
    expect((await from.read()).settings).toBeDefined();
    rmSync(file);
    const { settings, problems } = await from.read();
    expect([settings, problems]).toMatchObject([undefined, [{ file: 'plumbline.yaml', message: 'there is no such file' }]]);
  });

  test('is the same without a file', async () => {
    const from = source({ spec: 'a.yaml', upstream: 'http://127.0.0.1:3000', enforce: 'both', port: '5' });
    const first = await from.read();
    const second = await from.read();
    expect(JSON.stringify(second.settings)).toBe(JSON.stringify(first.settings));
    expect(second.settings).toMatchObject({ listeners: [{ port: 5 }], contracts: { a: { path: join(dir, 'a.yaml') } } });
    expect(from.files).toEqual([]);
  });
});

describe('the files of a source', () => {
  test.each([
    ['what was read', () => undefined, SOUND],
    ['bytes that are no text', () => writeFileSync(file, Buffer.from([0xff])), '\xff'],
    ['none where it is gone', () => rmSync(file), undefined],
    ['none where it is too large', () => writeFileSync(file, 'x'.repeat(4 * 1024 ** 2 + 1)), undefined],
  ])('have %s', async (_, change, bytes) => {
    const from = source({ config: 'plumbline.yaml' });
    change();
    await from.read();
    const expected = bytes === undefined ? undefined : Buffer.from(bytes, 'latin1');
    expect(from.files).toEqual([{ path: file, bytes: expected, maxBytes: 4 * 1024 ** 2 }]);
  });
});

describe('PLUMBLINE_CONFIG_YAML', () => {
  test('is the whole configuration, with flags and variables over it and paths from the working directory', async () => {
    const text = `${SOUND.replace('listener: in', 'listener: in, contract: r')}contracts: { r: { openapi: a/b.yaml } }\nstate: { dir: kept }\n`;
    const from = source({ adminPort: '4' }, { PLUMBLINE_CONFIG_YAML: text, PLUMBLINE_PORT: '5' });
    const { settings, problems } = await from.read();
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      admin: { port: 4 },
      listeners: [{ port: 5 }],
      contracts: { r: { path: join(dir, 'a/b.yaml') } },
      state: { dir: join(dir, 'kept') },
    });
    expect(from.files).toEqual([]);
  });

  test('is what it was at every reading, whatever the file in the working directory says', async () => {
    const from = source({}, { PLUMBLINE_CONFIG_YAML: SOUND.replace('3000', '3009') });
    const first = await from.read();
    writeFileSync(file, 'routes: wrong');
    const second = await from.read();
    expect(first.settings?.routes[0]?.upstream.url).toBe('http://127.0.0.1:3009');
    expect(JSON.stringify(second.settings)).toBe(JSON.stringify(first.settings));
  });

  test.each([
    ['an unknown key', `${SOUND}servcie: {}\n`, 3, 1, '/servcie', 'unknown_key'],
    ['a wrong value', SOUND.replace('2', 'x'), 1, 26, '/listeners/in/port', 'wrong_type'],
    ['text that is no YAML', `${SOUND}a: [`, 3, 5, '', 'yaml_syntax'],
    ['blanks', '\n ', 1, 1, '', 'empty'],
  ])('problems name the variable, line and column: %s', async (_, text, line, column, pointer, code) => {
    const { settings, problems } = await source({}, { PLUMBLINE_CONFIG_YAML: text }).read();
    expect([settings, problems]).toMatchObject([undefined, [{ file: 'PLUMBLINE_CONFIG_YAML', line, column, pointer, code }]]);
  });

  test.each([
    [{ config: 'plumbline.yaml' }, {}, '--config'],
    [{}, { PLUMBLINE_CONFIG: 'plumbline.yaml' }, 'PLUMBLINE_CONFIG'],
    [{ spec: 'a.yaml', upstream: 'http://127.0.0.1:3000' }, {}, '--spec'],
    [{ upstream: 'http://127.0.0.1:3000' }, {}, '--upstream'],
    [{}, { PLUMBLINE_ENFORCE: 'both' }, 'PLUMBLINE_ENFORCE'],
  ])('does not go with another: %j %j', (flags, env, origin) => {
    expect(() => source(flags, { ...env, PLUMBLINE_CONFIG_YAML: SOUND })).toThrow(
      `${origin} cannot go with PLUMBLINE_CONFIG_YAML: that is the whole configuration`,
    );
  });

  test('empty is none', async () => {
    const { settings } = await source({}, { PLUMBLINE_CONFIG_YAML: '' }).read();
    expect(settings?.routes[0]?.upstream.url).toBe('http://127.0.0.1:3000');
  });

  test('a contract in it is a slip', async () => {
    const from = source({}, { PLUMBLINE_CONFIG_YAML: 'openapi: 3.1.0\ninfo: {}\n' });
    await expect(firstSettings(from)).rejects.toThrow('PLUMBLINE_CONFIG_YAML holds a contract, not a configuration');
  });
});
