import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

const missing = spawnSync('openssl', ['version']).status === 0 ? undefined : 'no openssl on this machine';
if (missing !== undefined) console.warn(`tests of TLS are skipped: ${missing}`);

/** `describe` for what needs a certificate: skipped, and said so, where none can be made. */
export const describeTls: typeof describe | typeof describe.skip = missing === undefined ? describe : describe.skip;

/** Signed by itself, for one name and this day. */
export function certificateFor(name: string): TestCertificate {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-tls-'));
  try {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...curve, ...names, '-days', '1', '-keyout', key, '-out', cert]);
    if (status !== 0) throw new Error(`openssl: ${stderr.toString()}`);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
