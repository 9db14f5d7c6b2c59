import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
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
