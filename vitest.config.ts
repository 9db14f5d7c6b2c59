import { defineConfig } from 'vitest/config';

/** What five minutes have no room for: the fault catalogue in real time, and tests that need seconds of load. CI runs them, and `PLUMBLINE_TEST_LONG=1` does. */
const LONG = process.env.PLUMBLINE_TEST_LONG === '1' ? [] : ['test/faults/live/*-faults.test.ts', '**/*.long.test.ts'];

/**
 * Folders of pure logic: their test files share a worker, which saves the start of one for each, a tenth of the whole. What has sockets, processes, threads or
 * clocks of its own keeps a worker a file.
 */
const PURE = ['core', 'config', 'contracts', 'policies', 'inject', 'observation', 'pipeline'].map((folder) => `src/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', ...LONG],
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'wire',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts', 'examples/**/*.test.ts', 'bench/*.test.ts'],
          exclude: ['**/node_modules/**', ...LONG, ...PURE],
        },
      },
    ],
    // Two cores are what a small CI machine has. Most of the time tests wait for sockets: a third worker makes the whole a fifth shorter,
    // and leaves enough for those that measure time.
    maxWorkers: 3,
    testTimeout: 10_000,
    hookTimeout: 10_000,
    teardownTimeout: 5000,
    expect: { requireAssertions: true },
    reporters: ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
});
