import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PlayedPod } from './pod.ts';
import { Service } from './service.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A pod as a Service sees it. */
function podOf(): { readonly pod: PlayedPod; readonly becomes: (ready: boolean) => void } {
  let look = (): void => undefined;
  const pod = {
    spec: { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }] } },
    ip: '10.0.0.7',
    ready: false,
    isEnding: false,
    watch: (watcher: () => void) => (look = watcher),
  };
  const becomes = (ready: boolean): void => {
    pod.ready = ready;
    look();
  };
  return { pod: pod as unknown as PlayedPod, becomes };
}

test('a change is seen late', () => {
  const service = new Service('http', () => 50);
  const { pod, becomes } = podOf();
  service.follow(pod);
  becomes(true);
  expect([service.size, service.pick().pod]).toEqual([0, 'no endpoint']);
  vi.advanceTimersByTime(50);
  expect(service.pick()).toEqual({ host: '10.0.0.7', port: 8080, pod: 'p' });
  becomes(false);
  expect(service.has(pod)).toBe(true);
  vi.advanceTimersByTime(50);
  expect(service.has(pod)).toBe(false);
});

test('a later change that is seen first stays', () => {
  const late = [2000, 100];
  const service = new Service('http', () => late.shift() as number);
  const { pod, becomes } = podOf();
  service.follow(pod);
  becomes(true);
  becomes(false);
  vi.advanceTimersByTime(3000);
  expect([service.has(pod), late]).toEqual([false, []]);
});
