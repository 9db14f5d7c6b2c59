import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../test/kit/garbage.ts';
import { InFlight, type Placed } from './in-flight.ts';

const one = (): Placed => ({ slot: -1 });

describe('exchanges in flight', () => {
  it('are those that a set would hold, whatever comes and goes', () => {
    const steps = fc.array(fc.oneof(fc.constant('add' as const), fc.nat(50)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (script) => {
        const inFlight = new InFlight<Placed>();
        const model = new Set<Placed>();
        for (const step of script) {
          if (step === 'add') {
            const x = one();
            inFlight.add(x);
            model.add(x);
          } else {
            const x = [...model][step];
            if (x === undefined) continue;
            inFlight.remove(x);
            model.delete(x);
          }
          expect(inFlight.size).toBe(model.size);
          expect(new Set(inFlight.all())).toEqual(model);
        }
      }),
    );
  });

  it('one that ended before it was added stays out', () => {
    const inFlight = new InFlight<Placed>();
    const x = one();
    inFlight.remove(x);
    inFlight.add(x);
    expect([inFlight.size, inFlight.all()]).toEqual([0, []]);
  });

  it('one that is removed twice takes nobody with it', () => {
    const inFlight = new InFlight<Placed>();
    const [a, b] = [one(), one()];
    inFlight.add(a);
    inFlight.add(b);
    inFlight.remove(a);
    inFlight.remove(a);
    expect(inFlight.all()).toEqual([b]);
  });

  it('holds nobody who has left', async () => {
    const inFlight = new InFlight<Placed>();
    const gone: WeakRef<Placed>[] = [];
    (() => {
      for (let i = 0; i < 100; i++) {
        const x = one();
        inFlight.add(x);
        gone.push(new WeakRef(x));
      }
      for (const x of inFlight.all()) inFlight.remove(x);
    })();
    await collectGarbage();
    expect(gone.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  });
});
