/** D1: what Redis makes of findings is what this process makes of them, once, whatever lies there and whatever becomes of the answers. */
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { RedisFindings } from '../../src/adapters/redis-store/findings/redis-findings.ts';
import { systemRandom } from '../../src/adapters/system-clock/system.ts';
import type { FindingAnswer, FindingRow, FindingShare } from '../../src/core/findings.ts';
import { merge } from '../../src/core/merge-findings.ts';
import { AT_MS, differences, findingRow } from '../kit/finding-rows.ts';
import { RecordingMeter } from '../kit/meter.ts';
import { type TestRedis, clientOf, describeRedis, startRedis } from '../kit/redis.ts';

let server: TestRedis;
let client: Redis;
const meter = new RecordingMeter();

interface Replica extends FindingShare {
  /** What happens to the next call: it is carried out and its answer gets lost, or it never comes. */
  fault: 'answer_lost' | 'call_lost' | undefined;
}

function replica(limit = 1000): Replica {
  const made: { fault: Replica['fault'] } = { fault: undefined };
  const share = new RedisFindings({
    async run(script, keys, values) {
      const { fault } = made;
      made.fault = undefined;
      if (fault === 'call_lost') return 'unavailable';
      const whole = keys.map((key) => `test:${key}`);
      const reply = await client.callBuffer('EVAL', script.lua, whole.length, ...whole, ...(values as string[]));
      if (fault === 'answer_lost') return 'unavailable';
      return script.read(reply) ?? 'unavailable';
    },
    limit,
    random: systemRandom(),
    meter,
  });
  return Object.assign(made, { exchange: share.exchange.bind(share), offer: share.offer.bind(share) });
}

async function answered(answer: Promise<FindingAnswer | 'unavailable'>): Promise<FindingAnswer> {
  const given = await answer;
  if (given === 'unavailable') throw new Error('unavailable');
  return given;
}

/** Without what tells objects apart that say the same. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const counts = ({ rows }: FindingAnswer): Record<string, number> => Object.fromEntries(rows.map(({ name, seen }) => [name, seen.count]));

describeRedis('findings in Redis', () => {
  beforeAll(async () => {
    server = await startRedis();
    client = clientOf(server);
  }, 30_000);
  beforeEach(() => client.flushall());
  afterAll(async () => {
    client.disconnect();
    await server[Symbol.asyncDispose]();
  });

  it('are merged in Lua as they are in TypeScript', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(differences, { minLength: 1, maxLength: 6 }), async (parts) => {
        await client.flushall();
        const share = replica();
        let expected: FindingRow | undefined;
        for (const part of parts) {
          expected = expected === undefined ? part : merge(expected, part);
          const { rows, refused } = await answered(share.exchange([part]));
          expect([refused, plain(rows)]).toEqual([0, [plain(expected)]]);
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('are told to every replica once they changed, page by page, and no more', async () => {
    const [a, b] = [replica(), replica()];
    const all = Array.from({ length: 300 }, (_, i) => findingRow(i));
    for (let rest = all; rest.length > 0; ) rest = rest.slice((await answered(a.exchange(rest))).taken);
    const heard = new Map<string, number>();
    let answer: FindingAnswer;
    let calls = 0;
    do {
      answer = await answered(b.exchange([]));
      expect(answer.anew).toBe(calls === 0);
      for (const { id, seen } of answer.rows) heard.set(id, (heard.get(id) ?? 0) + seen.count);
      calls += 1;
    } while (answer.more);
    expect([heard.size, new Set(heard.values()), calls > 3]).toEqual([300, new Set([1]), true]);
    expect((await answered(b.exchange([]))).rows).toEqual([]);
    await a.exchange([findingRow(7)]);
    expect(counts(await answered(b.exchange([findingRow(9)])))).toEqual({ field7: 2, field9: 2 });
  });

  it.each(['answer_lost', 'call_lost'] as const)('%s: what is said again is counted once, and what came meanwhile, too', async (fault) => {
    const [a, b] = [replica(), replica()];
    await a.exchange([findingRow(1)]);
    await b.exchange([findingRow(1)]);
    a.fault = fault;
    expect(await a.exchange([findingRow(1)])).toBe('unavailable');
    await b.exchange([findingRow(1)]);
    const again = await answered(a.exchange([findingRow(1), findingRow(2)]));
    expect([again.taken, counts(again)]).toEqual([1, { field1: 4 }]);
    expect(counts(await answered(a.exchange([findingRow(2)])))).toMatchObject({ field2: 1 });
  });

  it('a call that comes when the next one has been answered already changes nothing', async () => {
    const late: unknown[][] = [];
    const share = new RedisFindings({
      run: async (script, keys, values) => {
        const args = ['EVAL', script.lua, keys.length, ...keys.map((key) => `test:${key}`), ...values];
        late.push(args);
        return script.read(await client.callBuffer(...(args as [string]))) ?? 'unavailable';
      },
      limit: 10,
      random: systemRandom(),
      meter,
    });
    await share.exchange([findingRow(1)]);
    await share.exchange([findingRow(1)]);
    for (const args of late) await client.callBuffer(...(args as [string]));
    expect(counts(await answered(replica().exchange([])))).toEqual({ field1: 2 });
  });

  it('of what is offered the greater counts stand, from however many', async () => {
    const [a, b] = [replica(), replica()];
    const seen = (count: number) => ({ count, firstSeenAt: AT_MS - count, lastSeenAt: AT_MS + count });
    const known = (count: number, consumer: string): FindingRow =>
      findingRow(1, { seen: seen(count), consumers: { [consumer]: seen(count), both: seen(1) } });
    await a.exchange([findingRow(1, { seen: seen(5), consumers: {} })]);
    for (let i = 0; i < 3; i++) {
      await a.offer([known(40, 'x')]);
      await b.offer([known(30, 'y')]);
    }
    const { rows } = await answered(replica().exchange([]));
    expect(rows[0]?.seen).toEqual(seen(40));
    expect(plain(rows[0]?.consumers)).toEqual({ x: seen(40), y: seen(30), both: seen(1) });
  });

  it('a Redis that has forgotten all, or a part, or has it from somebody else, begins anew, and says so', async () => {
    const [a, b] = [replica(), replica()];
    const damages: Array<() => Promise<unknown>> = [
      () => client.flushall(),
      () => client.del('test:{findings}:rows'),
      () => client.del('test:{findings}:order'),
      () => client.del('test:{findings}:about'),
      () => client.hset('test:{findings}:rows', 'foreign', 'x'),
      () => client.zadd('test:{findings}:order', 'XX', 'inf', findingRow(1).id),
      () => client.hset('test:{findings}:about', 'version', 'nan'),
      () => client.hset('test:{findings}:about', 'epoch', 'x y'),
      () => client.hset('test:{findings}:about', 'bytes', '-1e400'),
    ];
    for (const damage of damages) {
      await a.exchange([findingRow(1)]);
      await b.exchange([]);
      await damage();
      const answer = await answered(a.exchange([findingRow(1)]));
      expect([answer.anew, counts(answer)], String(damage)).toEqual([true, { field1: 1 }]);
      expect((await answered(a.exchange([]))).anew).toBe(false);
      const heard = await answered(b.exchange([]));
      expect([heard.anew, counts(heard)]).toEqual([true, { field1: 1 }]);
    }
  });

  it.each([
    ['no JSON', 'x'],
    ['no finding', '{"id":5}'],
    ['a finding of another id', JSON.stringify(findingRow(2))],
    ['a finding with foreign members', JSON.stringify(findingRow(1, { consumers: { x: 'y' } as never }))],
    ['a deep nest', '['.repeat(100_000)],
  ])('%s under an id of ours: nobody takes it, and the next one who sees the finding puts it right', async (_, text) => {
    const [a, b] = [replica(), replica()];
    await a.exchange([findingRow(1), findingRow(3)]);
    await client.hset('test:{findings}:rows', findingRow(1).id, text);
    const first = await answered(b.exchange([]));
    const heard = first.more ? await answered(b.exchange([])) : first; // what is long comes alone
    expect(counts(heard)).toMatchObject({ field3: 1 });
    expect(counts(heard)).not.toHaveProperty('field1');
    expect(counts(await answered(a.exchange([findingRow(1)])))).toMatchObject({ field1: 1 });
  });

  it('a key that is of another type refuses the call and changes nothing', async () => {
    for (const key of ['rows', 'order', 'about']) {
      await client.flushall();
      await client.set(`test:{findings}:${key}`, 'foreign');
      await expect(replica().exchange([findingRow(1)])).rejects.toThrow(/WRONGTYPE/);
      expect(await client.dbsize()).toBe(1);
    }
  });

  it('names that are half a character go in, and come out as a sign for that', async () => {
    const row = findingRow(1, {
      name: 'a\ud800',
      pointer: '/\\\udfff',
      evidence: { types: [], formats: [], values: ['\\\\ud800', '"\ud83d"'] },
    });
    const { rows, refused } = await answered(replica().exchange([row]));
    expect([refused, rows[0]?.name, rows[0]?.pointer, rows[0]?.evidence.values]).toEqual([
      0,
      'a\ufffd',
      '/\\\ufffd',
      ['\\\\ud800', '"\ufffd"'],
    ]);
  });

  it('where there is no room another finding is refused and what is there goes on; one that nobody saw for a month makes room', async () => {
    const share = replica(2);
    const now = Date.now();
    const seenAt = (ms: number) => ({ seen: { count: 1, firstSeenAt: ms, lastSeenAt: ms } });
    await share.exchange([findingRow(1, seenAt(now)), findingRow(2, seenAt(now - 31 * 86_400_000))]);
    const refusing = await answered(share.exchange([findingRow(3, seenAt(now)), findingRow(2, seenAt(now - 31 * 86_400_000))]));
    expect([refusing.refused, refusing.taken, counts(refusing)]).toEqual([1, 2, { field2: 2 }]);
    await share.exchange([findingRow(1, seenAt(now))]);
    const making = await answered(share.exchange([findingRow(3, seenAt(now))]));
    expect([making.refused, counts(making)]).toEqual([0, { field3: 1 }]);
    expect(Object.keys(counts(await answered(replica(2).exchange([])))).sort()).toEqual(['field1', 'field3']);
    expect(await client.hget('test:{findings}:about', 'bytes')).toBe(String((await client.hvals('test:{findings}:rows')).join('').length));
  });

  it('everything expires, and each call puts it off', async () => {
    await replica().exchange([findingRow(1)]);
    const days: number[] = [];
    for (const key of await client.keys('*')) days.push(Math.round((await client.pttl(key)) / 86_400_000));
    expect(days.sort()).toEqual([7, 90, 90, 90]);
  });

  it('one call takes no more than Redis does in a moment', async () => {
    const full = (number: number): FindingRow => {
      const seen = { count: 3, firstSeenAt: AT_MS, lastSeenAt: AT_MS };
      const names = Array.from({ length: 20 }, (_, i) => `consumer-with-a-name-of-some-length-${i}`);
      return findingRow(number, { consumers: Object.fromEntries(names.map((name) => [name, seen])), operations: names });
    };
    const share = replica();
    const rows = Array.from({ length: 64 }, (_, i) => full(i));
    for (let rest = rows; rest.length > 0; ) {
      const { taken } = await answered(share.exchange(rest));
      expect(taken).toBeLessThanOrEqual(16);
      expect(JSON.stringify(rest.slice(0, taken)).length).toBeLessThan(40_000);
      rest = rest.slice(taken);
    }
    const { taken } = await answered(share.exchange([findingRow(1, { operations: ['x'.repeat(60_000)] }), findingRow(2)]));
    expect(taken).toBe(1);
  });
});
