import { expect, it } from 'vitest';
import { HandedOn, handedOn } from './handed-on.ts';

const MIB = 1024 * 1024;

it('collects once for every 16 MiB that were handed on, and never for what is small', () => {
  let collected = 0;
  const memory = new HandedOn(() => {
    collected += 1;
  });
  for (let i = 0; i < 1000; i++) memory.add(64 * 1024);
  expect(collected).toBe(3);
  for (let i = 0; i < 100_000; i++) memory.add(4095);
  expect(collected).toBe(3);
});

it('gives dead memory back, though no full collection comes', () => {
  const read = (): void => {
    const buffer = Buffer.allocUnsafeSlow(64 * 1024);
    handedOn.add(buffer.length);
  };
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 16 * 256; i++) read(); // 256 MiB
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * MIB);
});
