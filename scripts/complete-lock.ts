/**
 * Completes package-lock.json: `node scripts/complete-lock.ts`, after a package was added.
 *
 * npm leaves a package for another platform out of the lock where the registry at hand does not serve it, and then `npm ci`
 * refuses that lock everywhere ("Missing: … from lock file"). What it needs is the entry, not the package: its version stands in
 * the parent's optionalDependencies, and os and cpu, by which npm skips it, in its name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Entry {
  readonly version?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  packages: Record<string, Entry>;
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** Optional packages that some entry asks for and that no entry is there for, as `[name, version, parent]`. */
export function missingEntries(lock: Lock): Array<readonly [name: string, version: string, parent: string]> {
  return Object.entries(lock.packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !(`node_modules/${name}` in lock.packages) && !(`${parent}/node_modules/${name}` in lock.packages))
      .map(([name, version]) => [name, version, parent] as const),
  );
}

/** The lock with an entry for each of them. @throws where a version is a range, or a name does not tell the platform. */
export function complete(lock: Lock): Lock {
  const packages = { ...lock.packages };
  for (const [name, version, parent] of missingEntries(lock)) {
    packages[`node_modules/${name}`] = {
      version,
      ...(packages[parent]?.dev ? { dev: true } : {}),
      optional: true,
      ...platform(name, version),
    };
  }
  return { ...lock, packages: Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function platform(name: string, version: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = (name.split('/').at(-1) ?? '').split('-');
  const os = SYSTEMS.find((s) => words.includes(s)) ?? (words.includes('wasm32') ? 'wasi' : undefined);
  const cpu = PROCESSORS.find((p) => words.includes(p));
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${name}@${version}: cannot tell platform and version from name and parent; add it to package-lock.json by hand`);
  }
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return { cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }), os: [os] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
  const missing = missingEntries(lock);
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(complete(lock), null, 2)}\n`);
  console.log(`package-lock.json: ${missing.length} entries added`);
}
