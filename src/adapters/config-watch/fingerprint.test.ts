import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SPECIAL, UNREADABLE, fingerprint, fingerprintOf } from './fingerprint.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-fingerprint-'));
afterAll(() => rmSync(dir, { recursive: true }));

const MAX_BYTES = 2 * 1024 * 1024;

function file(name: string, contents: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, contents);
  return path;
}

describe('a fingerprint', () => {
  it.each([0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 1_000_000])('of a file of %d bytes is that of its bytes', async (size) => {
    const bytes = Buffer.alloc(size, 'x');
    expect(await fingerprint(file('some', bytes), MAX_BYTES)).toBe(await fingerprintOf(bytes));
  });

  it('tells files apart, also in what is beyond a piece', async () => {
    const [a, b] = [Buffer.alloc(600_000, 'x'), Buffer.alloc(600_000, 'x')];
    b[599_999] = 0;
    expect(await fingerprint(file('a', a), MAX_BYTES)).not.toBe(await fingerprint(file('b', b), MAX_BYTES));
  });

  it('of a link is that of the file behind it', async () => {
    const target = file('target', 'x');
    symlinkSync('target', join(dir, 'link'));
    expect(await fingerprint(join(dir, 'link'), MAX_BYTES)).toBe(await fingerprint(target, MAX_BYTES));
  });

  it('of what cannot be read is the same for the watch and for who tried', async () => {
    expect(await fingerprint(join(dir, 'absent'), MAX_BYTES)).toBe(UNREADABLE);
    expect(await fingerprint(dir, MAX_BYTES)).toBe(UNREADABLE);
    expect(await fingerprint(file('large', 'x'.repeat(11)), 10)).toBe(UNREADABLE);
    expect(await fingerprintOf(undefined)).toBe(UNREADABLE);
  });

  it('of a pipe is told without taking what is in it', async () => {
    const path = join(dir, 'pipe');
    execFileSync('mkfifo', [path]);
    expect(await fingerprint(path, MAX_BYTES)).toBe(SPECIAL);
  });
});
