import { describe, expect, it } from 'vitest';
import { systemClock, systemRandom } from './system.ts';

describe('the system clock', () => {
  it('never runs backwards, and shows the wall clock of people', () => {
    const first = systemClock.monotonicMs();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first);
    expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1000);
  });
});

describe('the system randomness', () => {
  it.each([1, 4, 8, 16])('gives %d bytes as lower-case hexadecimal, never twice the same', (bytes) => {
    const random = systemRandom();
    const made = Array.from({ length: 2000 }, () => random.hex(bytes));
    for (const hex of made) expect(hex).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
    if (bytes >= 8) expect(new Set(made).size).toBe(made.length);
    else expect(new Set(made).size).toBeGreaterThan(200);
  });

  it('makes UUIDs of version 7 (RFC 9562 §5.7): form, version, variant, the instant in the first 48 bits', () => {
    const random = systemRandom();
    const before = Date.now();
    const made = Array.from({ length: 1000 }, () => random.uuid());
    const after = Date.now();
    for (const uuid of made) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const at = Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16);
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(after);
    }
    expect(new Set(made).size).toBe(made.length);
    const times = made.map((uuid) => uuid.slice(0, 13));
    expect(times).toEqual([...times].sort());
  });

  it('spreads unit over 0 (inclusive) to 1 (exclusive)', () => {
    const random = systemRandom();
    const made = Array.from({ length: 4000 }, () => random.unit());
    expect(made.every((unit) => unit >= 0 && unit < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = made.filter((unit) => Math.floor(unit * 10) === tenth).length / made.length;
      expect(share).toBeGreaterThan(0.05);
      expect(share).toBeLessThan(0.15);
    }
  });
});
