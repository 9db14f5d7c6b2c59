import { expect, test } from 'vitest';
import { complete, type Lock, missingEntries } from './complete-lock.ts';

const lock = (optionalDependencies: Record<string, string>): Lock => ({
  packages: {
    'node_modules/tool': { version: '2.0.0', dev: true, optionalDependencies },
    'node_modules/@tool/linux-x64': { version: '2.0.0' },
  },
});

test('an entry is added for each optional package that has none, with the platform that its name tells', () => {
  const done = complete(lock({ '@tool/linux-x64': '2.0.0', '@tool/linux-arm64-musl': '2.0.0', '@tool/binding-win32-x64-msvc': '2.0.0' }));
  expect(missingEntries(done)).toEqual([]);
  expect(done.packages['node_modules/@tool/linux-arm64-musl']).toEqual({
    version: '2.0.0',
    dev: true,
    optional: true,
    cpu: ['arm64'],
    libc: ['musl'],
    os: ['linux'],
  });
  expect(done.packages['node_modules/@tool/binding-win32-x64-msvc']).toMatchObject({ cpu: ['x64'], os: ['win32'] });
  expect(Object.keys(done.packages)).toEqual(Object.keys(done.packages).toSorted());
});

test('what cannot be told is an error, not a guess', () => {
  expect(() => complete(lock({ '@tool/extra': '2.0.0' }))).toThrow('@tool/extra@2.0.0: cannot tell platform');
  expect(() => complete(lock({ '@tool/darwin-arm64': '^2.0.0' }))).toThrow('cannot tell platform and version');
});
