import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../test/kit/clock.ts';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import { FixedRandom } from '../../../test/kit/random.ts';
import type { Span } from '../../core/span.ts';
import type { Collector } from './collector.ts';
import { envelope } from './encode.ts';
import { BatchExporter } from './exporter.ts';
import type { Reply } from './reply.ts';

const OK: Reply = { status: 200, retryAfter: undefined, body: '' };
const BUSY: Reply = { status: 503, retryAfter: undefined, body: '' };
const DOWN: Reply = { failed: 'ECONNREFUSED' };

/** What one POST had in it. */
interface Post {
  readonly at: number;
  readonly names: readonly string[];
}

/** An exporter on a clock that stands still, and a collector that answers as `replies` say (the last one again and again). */
function exporter(replies: ReadonlyArray<Reply | Promise<Reply> | Error> = [OK]) {
  const clock = new FakeClock(0);
  const meter = new RecordingMeter();
  const random = new FixedRandom();
  random.nextUnit = 0.5;
  const lines: string[] = [];
  const say = (level: string) => (fields: object, message: string) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const posts: Post[] = [];
  let closed = 0;
  const collector: Collector = {
    post(body) {
      const [{ scopeSpans }] = JSON.parse(body).resourceSpans;
      posts.push({ at: clock.monotonicMs(), names: scopeSpans[0].spans.map(({ name }: { name: string }) => name) });
      const reply = replies[Math.min(posts.length, replies.length) - 1] as Reply | Error;
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
    close: () => {
      closed += 1;
    },
  };
  const logger = { info: say('info'), warn: say('warn'), error: say('error') };
  const it = new BatchExporter({
    collector,
    envelope: envelope({ resource: {}, scope: { name: 'plumbline', version: '' } }),
    clock,
    timers: clock,
    random,
    meter,
    logger,
  });
  let made = 0;
  return {
    it,
    clock,
    posts,
    lines,
    get closed() {
      return closed;
    },
    record(count: number) {
      for (let i = 0; i < count; i++) it.record(spanNamed(String(made++)));
    },
    /** Moves time on; encoding a batch takes some turns of the loop. */
    async pass(ms: number) {
      await turns();
      await clock.advanceAsync(ms);
      await turns();
    },
    counted: () => ({ exported: meter.value('spans_exported_total'), ...meter.series('spans_dropped_total') }),
    sizes: () => posts.map(({ names }) => names.length),
  };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 30; i++) await settle();
}

function spanNamed(name: string): Span {
  return {
    kind: 'server',
    name,
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    parentId: '',
    flags: '03',
    state: '',
    startedAt: 0,
    endedAt: 1,
    status: 'unset',
    attributes: [],
    findings: [],
  };
}

describe('batches', () => {
  it('leave five seconds after their first span, in order; without spans no timer runs', async () => {
    const e = exporter();
    expect(e.clock.pending).toBe(0);
    e.record(1);
    await e.pass(3000);
    e.record(2);
    await e.pass(1999);
    expect(e.posts).toEqual([]);
    await e.pass(1);
    expect(e.posts).toEqual([{ at: 5000, names: ['0', '1', '2'] }]);
    expect([e.clock.pending, e.counted()]).toEqual([0, { exported: 3 }]);
  });

  it('leave at once when there are 512 spans, and never with more', async () => {
    const e = exporter();
    e.record(1100);
    await e.pass(0);
    expect(e.sizes()).toEqual([512, 512]);
    await e.pass(5000);
    expect(e.sizes()).toEqual([512, 512, 76]);
    expect(e.posts.flatMap(({ names }) => names)).toEqual(Array.from({ length: 1100 }, (_, i) => String(i)));
  });

  it('nothing is encoded while spans are recorded', () => {
    const e = exporter();
    e.record(600);
    expect(e.posts).toEqual([]);
  });
});

describe('the queue', () => {
  it('holds 2048 spans besides the batch that is on its way; what comes then is dropped and counted', async () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const e = exporter([promise, OK]);
    e.record(512);
    await e.pass(0);
    e.record(2048 + 7);
    expect(e.counted()).toEqual({ exported: 0, 'reason=queue_full': 7 });
    resolve(OK);
    await e.pass(5000);
    expect(e.sizes()).toEqual([512, 512, 512, 512, 512]);
    expect(e.counted()).toEqual({ exported: 2560, 'reason=queue_full': 7 });
  });
});

describe('a collector that', () => {
  it('is down is tried five times, ever later, and the batch is given up', async () => {
    const e = exporter([DOWN]);
    e.record(3);
    await e.pass(5000);
    for (let i = 0; i < 40; i++) await e.pass(500);
    expect(e.posts.map(({ at }) => at)).toEqual([5000, 6000, 8000, 12_000, 20_000]);
    expect([e.counted(), e.clock.pending]).toEqual([{ exported: 0, 'reason=unreachable': 3 }, 0]);
  });

  it('is back again gets what had waited; the log tells of both once', async () => {
    const e = exporter([DOWN, DOWN, OK]);
    e.record(2);
    await e.pass(5000);
    e.record(1);
    for (let i = 0; i < 20; i++) await e.pass(500);
    expect(e.posts.map(({ names }) => names.join())).toEqual(['0,1', '0,1', '0,1', '2']);
    expect(e.counted()).toEqual({ exported: 3 });
    expect(e.lines).toEqual([
      'warn spans cannot be exported; traffic goes on {"reason":"ECONNREFUSED"}',
      'info spans are exported again {}',
    ]);
  });

  it('asks for time gets it', async () => {
    const e = exporter([{ status: 429, retryAfter: '7', body: '' }, OK]);
    e.record(1);
    await e.pass(5000);
    await e.pass(6999);
    expect(e.posts).toHaveLength(1);
    await e.pass(1);
    expect(e.counted()).toEqual({ exported: 1 });
  });

  it('refuses a batch does not get it again', async () => {
    const e = exporter([{ status: 400, retryAfter: undefined, body: '' }, OK]);
    e.record(4);
    await e.pass(5000);
    await e.pass(60_000);
    expect([e.sizes(), e.counted()]).toEqual([[4], { exported: 0, 'reason=rejected': 4 }]);
  });

  it('takes only some has the others counted', async () => {
    const body = '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}';
    const e = exporter([{ status: 200, retryAfter: undefined, body }]);
    e.record(10);
    await e.pass(5000);
    expect(e.counted()).toEqual({ exported: 7, 'reason=rejected': 3 });
    expect(e.lines).toEqual(['warn spans cannot be exported; traffic goes on {"reason":"the collector says: too old"}']);
  });

  it('breaks the program costs spans only', async () => {
    const e = exporter([new Error('planted'), OK]);
    e.record(2);
    await e.pass(5000);
    e.record(1);
    await e.pass(5000);
    expect(e.counted()).toEqual({ exported: 1, 'reason=rejected': 2 });
  });
});

describe('the end', () => {
  it('sends what waits, and takes nothing more', async () => {
    const e = exporter();
    e.record(600);
    e.record(1);
    await e.it.close();
    e.record(1);
    expect([e.sizes(), e.closed, e.clock.pending]).toEqual([[512, 89], 1, 0]);
    expect(e.counted()).toEqual({ exported: 601, 'reason=shutdown': 1 });
  });

  it('with nothing to send is at once, and twice is once', async () => {
    const e = exporter();
    expect(e.it.close()).toBe(e.it.close());
    await e.it.close();
    expect([e.posts, e.closed]).toEqual([[], 1]);
  });

  it('waits no longer than two seconds for a collector that does not answer', async () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const e = exporter([promise, { failed: 'given up' }]);
    e.record(600);
    let over = false;
    const closing = e.it.close().then(() => {
      over = true;
    });
    await e.pass(1999);
    expect([over, e.closed]).toEqual([false, 0]);
    await e.pass(1);
    expect(e.closed).toBe(1);
    resolve({ failed: 'given up' }); // what closing the collector brings about
    await closing;
    expect(e.counted()).toEqual({ exported: 0, 'reason=shutdown': 600 });
  });

  it('cuts a pause between two tries short: one more try, no more', async () => {
    const e = exporter([BUSY]);
    e.record(5);
    await e.pass(5000);
    expect(e.posts).toHaveLength(1);
    await e.it.close();
    expect([e.posts.length, e.counted(), e.clock.pending]).toEqual([2, { exported: 0, 'reason=shutdown': 5 }, 0]);
  });
});
