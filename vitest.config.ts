import { defineConfig } from 'vitest/config';

/** What five minutes have no room for: the fault catalogue in real time, and tests that need seconds of load. CI runs them, and `PLUMBLINE_TEST_LONG=1` does. */
const LONG = process.env.PLUMBLINE_TEST_LONG === '1' ? [] : ['test/faults/live/*-faults.test.ts', '**/*.long.test.ts'];

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', ...LONG],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts', 'examples/**/*.test.ts', 'bench/*.test.ts'],
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
