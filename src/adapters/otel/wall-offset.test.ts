import { expect, it } from 'vitest';
import { WallOffset } from './wall-offset.ts';

it('stays the same for small differences, and follows a clock that was set', () => {
  let wall = 1_000_000;
  const offset = new WallOffset({ wallMs: () => wall, monotonicMs: () => 1000 });
  const first = offset.ms();
  wall += 50;
  expect([first, offset.ms()]).toEqual([999_000, 999_000]);
  wall += 1;
  expect(offset.ms()).toBe(999_051);
  wall -= 3_600_000;
  expect(offset.ms()).toBe(999_051 - 3_600_000);
});
