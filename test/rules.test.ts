import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Rules that hold in this version; docs/life-of-a-request.md says which file keeps which. */
const IN_FORCE = {
  DF: [1, 2, 3], //                what runs when nothing is configured
  ER: [0, 1, 2, 3], //             answers of the gateway itself
  EV: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], // events that cross policies
  HY: [1, 2, 3, 4, 6], //          HTTP hygiene; decompression (5) and HTTP/2 (7) are not in this version, nor the guard of addresses (6)
  HD: [1, 2, 3, 4], //             identity and headers
  DL: [1, 2, 3, 4, 5, 6], //       deadlines
  RT: [1, 2, 3, 4, 5, 6, 7, 8, 9], // retries
  CB: [1, 2], //                   circuit breaker
  CC: [1], //                      concurrency
  LS: [1], //                      load shedding
  FB: [1], //                      fallback
  RL: [1, 2, 3, 4, 5], //          rate limits
  ID: [1, 2, 3, 4, 5, 6, 7, 8], // idempotency
  PC: [1, 2, 3], //                preconditions, deprecation
  CP: [1, 2, 3, 4, 5], //          the contract in the path
} as const;

/** Groups of which every rule is in force: another number in a title is a slip. */
const WHOLE: ReadonlyArray<keyof typeof IN_FORCE> = ['DF', 'ER', 'EV', 'HD', 'DL', 'RT', 'CB', 'CC', 'LS', 'FB', 'RL', 'ID', 'PC', 'CP'];

const root = join(import.meta.dirname, '..');

/** A title begins with the rule that it is about: `DL-3: what is left, less …`. */
function titlesIn(text: string): string[] {
  return [...text.matchAll(/['"`]([A-Z]{2}-\d+): /g)].map(([, rule]) => rule as string);
}

function testFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts') && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== import.meta.filename);
}

const named = new Set(['src', 'test', 'examples'].flatMap(testFiles).flatMap((file) => titlesIn(readFileSync(file, 'utf8'))));

describe('every rule in force', () => {
  const rules = Object.entries(IN_FORCE).flatMap(([group, numbers]) => numbers.map((n) => `${group}-${n}`));

  it.each(rules)('%s is named by the title of a test', (rule) => {
    expect(named).toContain(rule);
  });

  it('is one that exists: no title names another of a whole group', () => {
    const known = new Set(rules);
    const strange = [...named].filter((rule) => WHOLE.some((group) => rule.startsWith(`${group}-`)) && !known.has(rule));
    expect(strange).toEqual([]);
  });

  it('is found in titles as they are written, and nowhere else', () => {
    expect(titlesIn("it('DL-3: a', f); it.each([1])(`EV-1: %s`, f); // DL-9: a remark\nit('see DL-8: b', f); it('DL-7 c', f)")).toEqual([
      'DL-3',
      'EV-1',
    ]);
  });
});
