import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transform } from '../../src/cli/inject/stream.ts';
import { DEFAULT_SETTINGS } from '../../src/inject/settings.ts';
import { anyManifests } from './any-manifest.ts';

/** More by hand, when something in how texts are read or written has changed: PLUMBLINE_TEST_RUNS=10000. */
const numRuns = Number(process.env['PLUMBLINE_TEST_RUNS'] ?? 40);

const settings = { ...DEFAULT_SETTINGS, contract: { configMap: 'c', key: 'openapi.yaml' } };
const run = (text: string, is: 'inject' | 'uninject') => transform([{ file: 'x', text }], is === 'inject' ? { is, settings } : { is });

test('however manifests are spelt: injected twice is injected once, and uninjected is what it was, byte for byte', () => {
  const seen = { texts: 0, injected: 0, refused: 0 };
  fc.assert(
    fc.property(anyManifests, (text) => {
      seen.texts += 1;
      const injected = run(text, 'inject');
      const [made = ''] = injected.texts;
      const levels = injected.notes.map(({ level }) => level);
      expect(levels).not.toContain('unreadable');
      if (made !== text) seen.injected += 1;
      if (levels.includes('refused')) seen.refused += 1;
      expect(run(made, 'inject').texts).toEqual([made]);
      const back = run(made, 'uninject');
      expect(back.texts).toEqual([text]);
      expect(back.notes.filter(({ level }) => level !== 'done')).toEqual([]);
    }),
    { numRuns, endOnFailure: numRuns > 1000 },
  );
  expect(seen.injected / seen.texts).toBeGreaterThan(0.5);
  expect(seen.refused / seen.texts).toBeLessThan(0.35);
}, 1_800_000);
