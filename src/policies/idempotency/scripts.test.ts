import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClaimStep, KEY, LOCK_MS, TTL_MS, claimValues, histories, plain, settleValues } from '../../../test/kit/claim-history.ts';
import { FakeClock } from '../../../test/kit/clock.ts';
import { FakeStore } from '../../../test/kit/store.ts';
import type { StoreRecord, StoreRecords } from '../../core/store.ts';
import { claimScript } from './claim-script.ts';
import { releaseScript, settleScript } from './settle-scripts.ts';

/** What a key's history comes to, in the words of ID-4 and ID-5. */
class Model {
  state: 'free' | 'running' | 'lapsed' | 'unknown' | 'done' | 'marker' = 'free';
  owner = '';
  /** Of the last settlement, while its key has not expired. */
  settledBy = '';
  expired = false;

  claim(s: Extract<ClaimStep, { do: 'claim' }>): unknown {
    if (this.expired && s.onExpired === 'reject') return { is: 'expired' };
    if (this.expired) this.vanish();
    if (this.state === 'done') return { is: 'done', ...this.#kept(), headers: `X-Ö\n${this.settledBy}\n`, body: this.#body() };
    if (this.state === 'marker') return { is: 'marker', ...this.#kept() };
    if (this.state === 'running' && this.owner !== s.owner) return { is: 'running', inBounds: true };
    const own = this.owner === s.owner && (this.state === 'running' || this.state === 'lapsed');
    const lapsed = this.state === 'lapsed' && !own;
    if (this.state === 'free' || own || s.onUnknown === 'run') {
      this.state = 'running';
      this.owner = s.owner;
      return { is: 'new', lapsed, fingerprint: this.settledBy === '' ? '' : `f-${this.settledBy}` };
    }
    this.state = 'unknown';
    return { is: 'unknown', lapsed };
  }

  settle(s: Extract<ClaimStep, { do: 'settle' }>): string {
    if (this.state !== 'free' && this.owner !== s.owner) return 'stale';
    if (this.state === 'done' && s.state === 'marker') return 'kept';
    this.state = s.state;
    this.owner = this.settledBy = s.owner;
    this.expired = false;
    return 'kept';
  }

  release(owner: string): string {
    if (this.owner !== owner || this.state === 'free' || this.state === 'done' || this.state === 'marker') return 'not_ours';
    this.vanish();
    return 'released';
  }

  lapse(): void {
    if (this.state === 'running') this.state = 'lapsed';
  }

  vanish(): void {
    this.state = 'free';
    this.owner = this.settledBy = '';
    this.expired = false;
  }

  #kept(): object {
    return { fingerprint: `f-${this.settledBy}`, status: 201 };
  }

  #body(): number[] {
    return [0, 255, 10, this.settledBy.charCodeAt(1)];
  }
}

/** The real scripts in memory; time is the test's. */
class Memory {
  readonly store = new FakeStore(new FakeClock());

  play(s: ClaimStep): unknown {
    switch (s.do) {
      case 'claim':
        return plain(this.store.run(claimScript, [KEY], claimValues(s)) as never);
      case 'settle':
        return this.store.run(settleScript, [KEY], settleValues(s));
      case 'release':
        return this.store.run(releaseScript, [KEY], [s.owner]);
      case 'lapse':
        return this.#change({ lock: 0 });
      case 'expire':
        return this.#change({ expires: 0 });
      case 'vanish':
        return void this.store.records.delete(KEY);
    }
  }

  #change(fields: object): undefined {
    const record = this.store.records.get(KEY);
    if (record !== undefined) this.store.records.set(KEY, { ...record, fields: { ...record.fields, ...fields } });
  }
}

function modelled(model: Model, s: ClaimStep): unknown {
  switch (s.do) {
    case 'claim':
      return model.claim(s);
    case 'settle':
      return model.settle(s);
    case 'release':
      return model.release(s.owner);
    case 'lapse':
      return model.lapse();
    case 'expire':
      model.expired = model.state !== 'free';
      return undefined;
    case 'vanish':
      return model.vanish();
  }
}

describe('the history of a key', () => {
  it('ID-5: is what the model says, whatever happens in which order', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const [memory, model] = [new Memory(), new Model()];
        for (const [i, s] of history.entries()) expect(memory.play(s), `step ${i}: ${JSON.stringify(s)}`).toEqual(modelled(model, s));
      }),
      { numRuns: 2000 },
    );
  });

  it('ID-5: two never hold a key at a time, unless the lock of the first has lapsed', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const memory = new Memory();
        let holder: string | undefined;
        for (const s of history) {
          const reply = memory.play(s) as { is?: string } | string | undefined;
          if (s.do === 'settle' || s.do === 'release') holder = holder === s.owner ? undefined : holder;
          else if (s.do !== 'claim') holder = undefined;
          else if ((reply as { is: string }).is === 'new') {
            expect([undefined, s.owner]).toContain(holder);
            holder = s.owner;
          }
        }
      }),
    );
  });
});

describe('a record', () => {
  const claim = (more: Partial<Extract<ClaimStep, { do: 'claim' }>> = {}) =>
    claimValues({ do: 'claim', owner: 'o1', lockMs: LOCK_MS, onUnknown: 'refuse', onExpired: 'new', ...more });
  const settle = (onExpired = 'new') => settleValues({ do: 'settle', owner: 'o1', state: 'done', onExpired });

  it('ID-2: has all that the seed asks for, an owner and the end of its lock', () => {
    const clock = new FakeClock(1000);
    const store = new FakeStore(clock);
    void store.run(claimScript, [KEY], claim());
    expect(store.records.get(KEY)).toMatchObject({
      pinned: true,
      expiresAt: 1000 + LOCK_MS + TTL_MS,
      fields: { state: 'running', owner: 'o1', principal: 'p', operation: 'createPayment', created: 1000, lock: 1000 + LOCK_MS },
    });
    clock.advance(500);
    void store.run(settleScript, [KEY], settle());
    const record = store.records.get(KEY);
    expect(record?.pinned).toBeUndefined();
    expect(record).toMatchObject({
      expiresAt: 1500 + TTL_MS,
      fields: { state: 'done', created: 1000, expires: 1500 + TTL_MS, fingerprint: 'f-o1', status: 201, headers: 'X-Ö\no1\n' },
    });
  });

  it.each([
    [0, 'running'],
    [LOCK_MS - 0.5, 'running'],
    [LOCK_MS, 'unknown'],
  ])('ID-5: after %d ms a claim is %s', (ms, is) => {
    const clock = new FakeClock();
    const store = new FakeStore(clock);
    void store.run(claimScript, [KEY], claim());
    clock.advance(ms);
    expect(store.run(claimScript, [KEY], claim({ owner: 'o2' }))).toMatchObject({ is });
  });

  it('ID-5: unknown lasts until ttl, counted from the end of the lock', () => {
    const clock = new FakeClock();
    const store = new FakeStore(clock);
    void store.run(claimScript, [KEY], claim());
    clock.advance(LOCK_MS + TTL_MS - 1);
    expect(store.run(claimScript, [KEY], claim({ owner: 'o2' }))).toEqual({ is: 'unknown', lapsed: true });
    expect(store.records.get(KEY)?.pinned).toBe(true); // its owner, in this process, may yet come
    clock.advance(1);
    expect(store.run(claimScript, [KEY], claim({ owner: 'o2' }))).toMatchObject({ is: 'new' });
  });

  it('ID-5: an expired one is new, or refused for as long again, without the answer that it had', () => {
    for (const onExpired of ['new', 'reject']) {
      const clock = new FakeClock();
      const store = new FakeStore(clock);
      void store.run(claimScript, [KEY], claim({ onExpired }));
      void store.run(settleScript, [KEY], settle(onExpired));
      clock.advance(TTL_MS - 1);
      expect(store.run(claimScript, [KEY], claim({ owner: 'o2', onExpired }))).toMatchObject({ is: 'done' });
      clock.advance(1);
      const is = onExpired === 'reject' ? 'expired' : 'new';
      expect(store.run(claimScript, [KEY], claim({ owner: 'o2', onExpired }))).toMatchObject({ is });
      if (is === 'new') continue;
      expect(store.records.get(KEY)?.fields).toMatchObject({ headers: '', body: new Uint8Array(0) });
      clock.advance(TTL_MS - 1);
      expect(store.run(claimScript, [KEY], claim({ owner: 'o2', onExpired }))).toMatchObject({ is });
      clock.advance(1);
      expect(store.run(claimScript, [KEY], claim({ owner: 'o2', onExpired }))).toMatchObject({ is: 'new' });
    }
  });

  it('without room for an answer leaves a marker, without room at all is left as it was', () => {
    const kept: StoreRecord[] = [];
    let room = 1;
    const records: StoreRecords = {
      get: () => kept.at(-1),
      set: (_key, record) => (record.fields['body'] as Uint8Array).length < room && kept.push(record) > 0,
      delete: () => undefined,
    };
    expect(claimScript.local(records, [KEY], claim(), 1000)).toMatchObject({ is: 'new' });
    expect(settleScript.local(records, [KEY], settle(), 1000)).toBe('kept');
    expect(kept.at(-1)?.fields).toMatchObject({ state: 'marker', status: 201, fingerprint: 'f-o1', headers: '' });
    room = 0;
    kept.pop();
    expect(settleScript.local(records, [KEY], settle(), 1000)).toBe('full');
    expect(kept.map(({ fields }) => fields['state'])).toEqual(['running']);
    kept.pop();
    expect(claimScript.local(records, [KEY], claim(), 1000)).toEqual({ is: 'full' });
  });
});

describe('a reply of Redis that is none of ours', () => {
  it.each([null, 1, 'new', [], ['odd'], ['new'], ['new', '0'], ['done', 'f', '201', 'h'], ['done', 'f', '201', 'h', 'text'], ['marker']])(
    'ID-8: %j counts as no answer',
    (reply) => {
      expect(claimScript.read(reply)).toBeUndefined();
      expect(settleScript.read(reply)).toBeUndefined();
      expect(releaseScript.read(reply)).toBeUndefined();
    },
  );
});
