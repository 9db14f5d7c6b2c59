import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import type { DirectoryEvents } from './directories.ts';
import { FileWatch, SETTLE_MS, type WatchedFile } from './file-watch.ts';
import { SPECIAL, UNREADABLE } from './fingerprint.ts';

const POLL_MS = 2000;

/** A watch over files that a test says the contents of. */
function watching(contents: Record<string, string>) {
  const clock = new FakeClock();
  const files = new Map(Object.entries(contents));
  const asked: string[] = [];
  let events: DirectoryEvents | undefined;
  let changes = 0;
  let watched: readonly string[] = [];
  const watch = new FileWatch({
    timers: clock,
    onChange: () => {
      changes += 1;
    },
    onBlind: () => undefined,
    fingerprint: async (path) => {
      asked.push(path);
      return files.get(path) ?? UNREADABLE;
    },
    directories: (told) => {
      events = told;
      return {
        watch: (paths) => {
          watched = paths;
        },
        close: () => {
          watched = [];
        },
      };
    },
  });
  return {
    clock,
    files,
    asked,
    watch,
    changes: () => changes,
    watched: () => watched,
    event: () => events?.onEvent(),
    pass: (ms: number) => clock.advanceAsync(ms),
  };
}

const read = (path: string, fingerprint: string | undefined): WatchedFile => ({ path, fingerprint, maxBytes: 100 });

/** Two looks that agree. */
const SETTLED_MS = 2 * SETTLE_MS;

describe('a file that has changed', () => {
  it('is told of once, when two looks agree', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    await w.pass(SETTLED_MS);
    w.files.set('/a', '2');
    w.event();
    await w.pass(SETTLE_MS);
    expect(w.changes()).toBe(0);
    await w.pass(SETTLE_MS);
    expect(w.changes()).toBe(1);
    await w.pass(5 * POLL_MS);
    expect(w.changes()).toBe(1);
  });

  it('is not told of while it is being written', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    await w.pass(SETTLED_MS);
    for (const half of ['2', '3', '4', '5']) {
      w.files.set('/a', half);
      w.event();
      await w.pass(SETTLE_MS);
    }
    expect(w.changes()).toBe(0);
    await w.pass(SETTLE_MS);
    expect(w.changes()).toBe(1);
  });

  it('that never rests is taken as it is', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    for (let i = 0; i < 45; i++) {
      w.files.set('/a', `changing ${i}`);
      await w.pass(SETTLE_MS);
    }
    expect(w.changes()).toBe(1);
  });

  it('without an event is found by polling', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    await w.pass(SETTLED_MS);
    w.files.set('/a', '2');
    await w.pass(POLL_MS - SETTLED_MS);
    expect(w.changes()).toBe(0);
    await w.pass(2 * SETTLED_MS);
    expect(w.changes()).toBe(1);
  });

  it('after it was read and before it was watched is found at once', async () => {
    const w = watching({ '/a': '2' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    await w.pass(SETTLED_MS);
    expect(w.changes()).toBe(1);
  });

  it('and back again while nobody looked is no news', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    w.files.set('/a', '2');
    await w.pass(SETTLE_MS);
    w.files.set('/a', '1');
    await w.pass(2 * POLL_MS);
    expect(w.changes()).toBe(0);
  });

  it('to be gone is told of, and to be there again', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    w.files.delete('/a');
    await w.pass(SETTLED_MS);
    expect(w.changes()).toBe(1);
    w.watch.watch([read('/a', UNREADABLE)], POLL_MS);
    await w.pass(SETTLED_MS);
    expect(w.changes()).toBe(1);
    w.files.set('/a', '1');
    w.event();
    await w.pass(SETTLED_MS);
    expect(w.changes()).toBe(2);
  });
});

describe('what is known', () => {
  it('of a file that nobody read again is what the watch saw', async () => {
    const w = watching({ '/a': '1', '/b': '1' });
    w.watch.watch([read('/a', '1'), read('/b', '1')], POLL_MS);
    w.files.set('/b', '2');
    await w.pass(SETTLED_MS);
    expect(w.changes()).toBe(1);
    w.watch.watch([read('/a', '1'), read('/b', undefined)], POLL_MS);
    await w.pass(3 * POLL_MS);
    expect(w.changes()).toBe(1);
  });

  it('of a file that nobody ever read is the first look', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', undefined)], POLL_MS);
    await w.pass(SETTLED_MS);
    expect(w.changes()).toBe(0);
    w.files.set('/a', '2');
    await w.pass(POLL_MS + SETTLED_MS);
    expect(w.changes()).toBe(1);
  });

  it('of a pipe is what was read of it, for good', async () => {
    const w = watching({ '/a': SPECIAL });
    w.watch.watch([read('/a', '1')], POLL_MS);
    await w.pass(3 * POLL_MS);
    expect(w.changes()).toBe(0);
  });
});

describe('watching', () => {
  it('other files forgets the ones before', async () => {
    const w = watching({ '/a': '1', '/b': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    w.watch.watch([read('/b', '1')], POLL_MS);
    expect(w.watched()).toEqual(['/b']);
    w.files.set('/a', '2');
    await w.pass(2 * POLL_MS);
    expect([w.changes(), w.asked.includes('/a')]).toEqual([0, false]);
  });

  it('that has stopped looks no more, and leaves no timer', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    await w.pass(SETTLED_MS);
    w.watch.stop();
    w.files.set('/a', '2');
    w.event();
    const looks = w.asked.length;
    await w.pass(2 * POLL_MS);
    expect([w.changes(), w.clock.pending, w.asked.length, w.watched()]).toEqual([0, 0, looks, []]);
  });

  it('that stops in the middle of a look tells nothing', async () => {
    const w = watching({ '/a': '2' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    await w.pass(SETTLE_MS);
    w.clock.advance(SETTLE_MS);
    w.watch.stop();
    await w.pass(POLL_MS);
    expect([w.changes(), w.clock.pending]).toEqual([0, 0]);
  });

  it('a look that an event comes into is followed by another, without waiting for the poll', async () => {
    const w = watching({ '/a': '1' });
    w.watch.watch([read('/a', '1')], POLL_MS);
    w.clock.advance(SETTLE_MS);
    w.event();
    await w.pass(0);
    expect(w.clock.nextInMs).toBe(SETTLE_MS);
  });
});
