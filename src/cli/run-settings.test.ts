import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { settingsSource } from './run-settings.ts';

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
