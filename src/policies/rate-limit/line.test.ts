import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { Line, type Waiter } from './line.ts';

interface Turn {
  readonly of: string;
}

/** A line at a limit of one in 100 ms, whose answers come at once or when the test says so. */
function line({ answers = 'sync' as 'sync' | 'async', spacingMs = 100 } = {}) {
  const clock = new FakeClock(0);
  const line = new Line<Turn>(clock, clock);
  const log: string[] = [];
  const open: Array<() => void> = [];
  let freeAt = 0;
  const decide = (name: string): Turn | number => {
    const now = clock.monotonicMs();
    if (now < freeAt) return freeAt - now;
    freeAt = now + spacingMs;
    return { of: name };
  };
  const join = (name: string, latestAt = Number.POSITIVE_INFINITY): Waiter<Turn> => {
    const waiter: Waiter<Turn> = {
      isLate: (turnAt) => turnAt > latestAt,
      ask: () => {
        if (answers === 'sync') return decide(name);
        return new Promise((resolve) => open.push(() => resolve(decide(name))));
      },
      granted: (turn) => void log.push(`${clock.monotonicMs()} ${name} has ${turn.of}`),
      late: (turnAt) => void log.push(`${clock.monotonicMs()} ${name} late for ${turnAt}`),
      unwanted: (turn) => void log.push(`${clock.monotonicMs()} nobody wants ${turn.of}`),
    };
    line.join(waiter);
    return waiter;
  };
  const answer = async (): Promise<void> => {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { line, clock, log, join, open, answer };
}

describe('a line of requests', () => {
  it('RL-5: first come, first served, each when the limit grants a turn', () => {
    const { clock, log, join } = line();
    for (const name of ['a', 'b', 'c']) join(name);
    clock.advance(1000);
    expect(log).toEqual(['0 a has a', '100 b has b', '200 c has c']);
    expect(clock.pending).toBe(0);
  });

  it('RL-5: one who leaves takes no turn from those behind', () => {
    const { line: queue, clock, log, join } = line();
    const [, b] = [join('a'), join('b'), join('c')];
    clock.advance(50);
    queue.leave(b);
    clock.advance(1000);
    expect(log).toEqual(['0 a has a', '100 c has c']);
  });

  it('RL-5: the last who leaves takes the timer with it', () => {
    const { line: queue, clock, join } = line();
    const [, b] = [join('a'), join('b')];
    expect(clock.pending).toBe(1);
    queue.leave(b);
    expect([clock.pending, queue.isBusy]).toEqual([0, false]);
  });

  it('RL-5: a turn that was granted to one who has left goes to the next', async () => {
    const { line: queue, clock, log, join, answer } = line({ answers: 'async' });
    const [a] = [join('a'), join('b')];
    queue.leave(a);
    await answer();
    expect(log).toEqual(['0 b has a']);
    expect([queue.isBusy, clock.pending]).toEqual([false, 0]);
  });

  it('RL-5: a turn that nobody is left for is given back', async () => {
    const { line: queue, log, join, answer } = line({ answers: 'async' });
    queue.leave(join('a'));
    expect(queue.isBusy).toBe(true);
    await answer();
    expect([log, queue.isBusy]).toEqual([['0 nobody wants a'], false]);
  });

  it('RL-5: only the first asks, one question at a time', async () => {
    const { clock, log, join, open, answer } = line({ answers: 'async' });
    for (const name of ['a', 'b', 'c']) join(name);
    expect(open).toHaveLength(1);
    await answer();
    expect(open).toHaveLength(1);
    await answer();
    expect([open.length, log]).toEqual([0, ['0 a has a']]);
    clock.advance(100);
    await answer();
    expect(log).toEqual(['0 a has a', '100 b has b']);
  });

  it('RL-5: tells how long it will take, as far as the limit has said', () => {
    const { line: queue, clock, join } = line();
    for (const name of ['a', 'b', 'c']) join(name);
    expect([queue.length, queue.turnAt(0, 100), queue.turnAt(queue.length, 100)]).toEqual([2, 100, 300]);
    clock.advance(150);
    expect(queue.turnAt(queue.length, 100)).toBe(300);
  });

  it('RL-5: one for whom its turn would come too late is told when that is known, and those behind are served', () => {
    const { clock, log, join } = line();
    join('a');
    join('b', 99);
    join('c', 100);
    clock.advance(1000);
    expect(log).toEqual(['0 a has a', '0 b late for 100', '100 c has c']);
  });

  it('RL-5: a partner holds the line; who cannot wait so long is told at once', () => {
    const { line: queue, clock, log, join } = line();
    join('a');
    join('b', 250);
    join('c', 400);
    join('d', 550);
    queue.hold(500, 100);
    expect(log).toEqual(['0 a has a', '0 b late for 500', '0 c late for 500']);
    clock.advance(499);
    expect(log).toHaveLength(3);
    clock.advance(1);
    expect(log.at(-1)).toBe('500 d has d');
  });

  it('RL-5: a hold closes a line in which nobody stands, and opens it by itself', () => {
    const { line: queue, clock, log, join } = line();
    queue.hold(300, 100);
    expect(queue.isBusy).toBe(true);
    join('a');
    clock.advance(299);
    expect(log).toEqual([]);
    clock.advance(1);
    expect(log).toEqual(['300 a has a']);
    expect(queue.isBusy).toBe(false);
  });

  it('RL-5: a hold that comes while the first asks stops those behind it', async () => {
    const { line: queue, clock, log, join, open, answer } = line({ answers: 'async', spacingMs: 0 });
    join('a');
    join('b');
    queue.hold(200, 100);
    await answer();
    expect([log, open.length]).toEqual([['0 a has a'], 0]);
    clock.advance(200);
    await answer();
    expect(log).toEqual(['0 a has a', '200 b has b']);
  });

  it('RL-5: a shorter hold does not shorten a longer one', () => {
    const { line: queue, clock, log, join } = line();
    queue.hold(300, 100);
    queue.hold(100, 100);
    join('a');
    clock.advance(1000);
    expect(log).toEqual(['300 a has a']);
  });

  it('RL-5: whatever happens, each is settled once, in order, never faster than the limit, and no timer stays', async () => {
    const events = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('join' as const), patienceMs: fc.constantFrom(0, 150, 1000, 1e9) }),
        fc.record({ do: fc.constant('leave' as const), which: fc.nat(20) }),
        fc.record({ do: fc.constant('answer' as const) }),
        fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 50, 100, 1000) }),
        fc.record({ do: fc.constant('hold' as const), ms: fc.constantFrom(10, 300) }),
      ),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(events, fc.constantFrom('sync' as const, 'async' as const), async (all, answers) => {
        const { line: queue, clock, log, join, open, answer } = line({ answers });
        const joined: Array<Waiter<Turn>> = [];
        const left = new Set<string>();
        for (const event of all) {
          if (event.do === 'join') joined.push(join(`w${joined.length}`, clock.monotonicMs() + event.patienceMs));
          else if (event.do === 'leave' && joined.length > 0) {
            const i = event.which % joined.length;
            const before = queue.length;
            queue.leave(joined[i] as Waiter<Turn>);
            if (queue.length < before) left.add(`w${i}`);
          } else if (event.do === 'answer') await answer();
          else if (event.do === 'advance') clock.advance(event.ms);
          else if (event.do === 'hold') queue.hold(clock.monotonicMs() + event.ms, 100);
        }
        for (let i = 0; i < 3 * joined.length + 3; i++) {
          while (open.length > 0) await answer();
          clock.advance(500);
        }
        expect([queue.length, queue.isBusy, clock.pending]).toEqual([0, false, 0]);
        const served = log.filter((entry) => / has /.test(entry));
        const names = log.filter((entry) => !entry.includes('nobody')).map((entry) => entry.split(' ')[1] as string);
        expect([...names, ...left].toSorted()).toEqual(joined.map((_, i) => `w${i}`).toSorted());
        const order = served.map((entry) => Number(entry.split(' ')[1]?.slice(1)));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        const instants = served.map((entry) => Number(entry.split(' ')[0]));
        // A turn of one who left is used later than it was granted, never another one in its place.
        expect(new Set(served.map((entry) => entry.split(' has ')[1])).size).toBe(served.length);
        if (answers === 'sync')
          for (let i = 1; i < instants.length; i++)
            expect((instants[i] as number) - (instants[i - 1] as number)).toBeGreaterThanOrEqual(100);
      }),
      { numRuns: 300 },
    );
  });
});
