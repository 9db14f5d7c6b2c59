import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, Places, type Waiter } from './places.ts';

/** Comes to a line; `inside` gets its name when it has a place. */
function come(line: Line, name: string, inside: string[]): Waiter | 'in' | 'full' {
  if (line.enter()) {
    inside.push(name);
    return 'in';
  }
  return line.wait(() => inside.push(name)) ?? 'full';
}

describe('the places of an upstream', () => {
  it('CC-1: as many as the limit come in, the queue takes as many more, and no one else', () => {
    const places = new Places();
    const line = places.line(2, 1, undefined);
    const inside: string[] = [];
    expect(['a', 'b', 'c', 'd'].map((name) => typeof come(line, name, inside))).toEqual(['string', 'string', 'object', 'string']);
    expect([inside, places.taken, line.length]).toEqual([['a', 'b'], 2, 1]);
    expect(come(line, 'e', inside)).toBe('full');
    places.release();
    expect([inside, places.taken, line.length]).toEqual([['a', 'b', 'c'], 2, 0]);
  });

  it('CC-1: first come, first served; who has left is passed over', () => {
    const places = new Places();
    const line = places.line(1, 10, undefined);
    const inside: string[] = [];
    const waiting = ['a', 'b', 'c', 'd', 'e'].map((name) => come(line, name, inside));
    line.leave(waiting[1] as Waiter);
    line.leave(waiting[4] as Waiter);
    line.leave(waiting[2] as Waiter);
    come(line, 'f', inside);
    for (let i = 0; i < 3; i++) places.release();
    expect([inside, places.taken, line.length]).toEqual([['a', 'd', 'f'], 0, 0]);
  });

  it('CC-1: routes share the places, each up to its own limit', () => {
    const places = new Places();
    const [small, large] = [places.line(1, 5, undefined), places.line(3, 5, undefined)];
    const inside: string[] = [];
    come(large, 'a', inside);
    come(small, 'b', inside);
    come(large, 'c', inside);
    come(large, 'd', inside);
    come(large, 'e', inside);
    expect(inside).toEqual(['a', 'c', 'd']);
    places.release();
    // One that waits longer, but whose own limit is reached, holds nobody up.
    expect(inside).toEqual(['a', 'c', 'd', 'e']);
    for (let i = 0; i < 3; i++) places.release();
    expect([inside.at(-1), places.taken]).toEqual(['b', 1]);
  });

  it('CC-1: between lines with room, too, the one that waits longest is the next', () => {
    const places = new Places();
    const [one, two] = [places.line(1, 5, undefined), places.line(1, 5, undefined)];
    const inside: string[] = [];
    come(one, 'first', inside);
    for (const [line, name] of [
      [two, 'a'],
      [one, 'b'],
      [two, 'c'],
      [one, 'd'],
    ] as const)
      come(line, name, inside);
    for (let i = 0; i < 4; i++) places.release();
    expect(inside).toEqual(['first', 'a', 'b', 'c', 'd']);
  });
});

const step = fc.record({
  do: fc.constantFrom('come', 'come', 'come', 'done', 'done', 'leave', 'reload'),
  which: fc.nat(50),
  route: fc.nat(2),
  limit: fc.integer({ min: 1, max: 5 }),
  queue: fc.nat(4),
});

describe('whatever happens', () => {
  it('CC-1: places are as many as are held, never above the limit, never fewer than none; nobody waits for a place that he may have', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        interface Customer {
          readonly line: number;
          waiter: Waiter | undefined;
          inside: boolean;
        }
        const places = new Places();
        const numbers = [
          { limit: 2, queue: 2 },
          { limit: 3, queue: 1 },
          { limit: 1, queue: 4 },
        ];
        const lines = numbers.map(({ limit, queue }) => places.line(limit, queue, undefined));
        /** By route: the line in force. */
        const inForce = [0, 1, 2];
        const customers: Customer[] = [];
        const order: Customer[] = [];
        for (const { do: what, which, route, limit, queue } of steps) {
          const inside = customers.filter((c) => c.inside);
          const waiting = customers.filter((c) => c.waiter !== undefined);
          if (what === 'reload') {
            numbers.push({ limit, queue });
            inForce[route] = lines.push(places.line(limit, queue, undefined)) - 1;
          } else if (what === 'done' && inside.length > 0) {
            const c = inside[which % inside.length] as Customer;
            c.inside = false;
            places.release();
          } else if (what === 'leave' && waiting.length > 0) {
            const c = waiting[which % waiting.length] as Customer;
            (lines[c.line] as Line).leave(c.waiter as Waiter);
            c.waiter = undefined;
          } else if (what === 'come') {
            const c: Customer = { line: inForce[route] as number, waiter: undefined, inside: false };
            const line = lines[c.line] as Line;
            const before = places.taken;
            if (line.enter()) {
              c.inside = true;
              expect(before).toBeLessThan((numbers[c.line] as { limit: number }).limit);
            } else {
              c.waiter = line.wait(() => {
                expect(c.waiter).toBeDefined();
                c.waiter = undefined;
                c.inside = true;
                order.push(c);
              });
              if (c.waiter === undefined) expect(line.length).toBe((numbers[c.line] as { queue: number }).queue);
            }
            customers.push(c);
          }
          expect(places.taken).toBe(customers.filter((c) => c.inside).length);
          expect(places.taken).toBeLessThanOrEqual(Math.max(...numbers.map((n) => n.limit)));
          for (const [i, line] of lines.entries()) {
            expect(line.length).toBe(customers.filter((c) => c.waiter !== undefined && c.line === i).length);
            if (line.length > 0) expect(places.taken).toBeGreaterThanOrEqual((numbers[i] as { limit: number }).limit);
          }
        }
        // Of one line nobody overtakes.
        for (const i of lines.keys()) {
          const served = order.filter((c) => c.line === i).map((c) => customers.indexOf(c));
          expect(served).toEqual([...served].sort((a, b) => a - b));
        }
      }),
      { numRuns: 300 },
    );
  });
});
