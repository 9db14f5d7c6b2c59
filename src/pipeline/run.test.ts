import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Behaviour, type Event, type Given, type StageCase, plain, play, simple } from '../../test/kit/run-harness.ts';

const behaviour = fc.constantFrom<Behaviour>('plain', 'plain', 'plain', 'absent', 'async', 'refuses', 'throws', 'throws late', 'waits');
const stageCase: fc.Arbitrary<StageCase> = fc.record({
  onRequest: behaviour,
  onResponse: behaviour,
  need: fc.constantFrom('none', 'none', 'copy', 'whole'),
  finishThrows: fc.boolean(),
});
const event = fc.constantFrom<Event>(
  'head',
  'data',
  'end',
  'broken',
  'gone',
  'body',
  'body end',
  'cancel',
  'time',
  'turn',
  'cut',
  'retryable',
  'switch',
  'tunnel end',
  'tunnel break',
  'malformed',
);

const given: fc.Arbitrary<Given> = fc.record({
  stages: fc.array(stageCase, { maxLength: 5 }),
  attemptRefuses: fc.boolean(),
  tries: fc.integer({ min: 1, max: 3 }),
  bodyLength: fc.constantFrom(undefined, 10, 200_000),
  upgrade: fc.boolean(),
  events: fc.array(event, { maxLength: 14 }),
});

const tries = (journal: readonly string[]): number => journal.filter((line) => /^outer#\d+ open$/.test(line)).length;

describe('the run of an exchange', () => {
  it('finishes every entered stage exactly once, inside out, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const { journal, budget, channel, clock, done, down, upgrades, upstream, x } = await play(g);
        expect([done, upgrades]).toEqual([1, 0]);
        const opened = journal.filter((line) => /^s\d+ open$/.test(line)).map((line) => line.split(' ')[0]);
        const finished = journal.filter((line) => /^s\d+ finish/.test(line)).map((line) => line.split(' ')[0]);
        expect(finished).toEqual([...opened].reverse());
        const began = journal.filter((line) => /#\d+ open$/.test(line)).map((line) => line.split(' ')[0]);
        const left = journal.filter((line) => /#\d+ finish/.test(line)).map((line) => line.split(' ')[0]);
        expect([...left].sort()).toEqual([...began].sort());
        expect(new Set(left).size).toBe(left.length);
        expect(journal.filter((line) => line.startsWith('head')).length).toBeLessThanOrEqual(1);
        expect(budget.usedBytes).toBe(0);
        expect(clock.pending).toBe(0);
        expect(x.end).toBeDefined();
        const joined = down.calls.includes('upgrade');
        if (x.end === 'complete') expect(down.ended || joined).toBe(true);
        if (joined) expect([channel.closed, down.channel.closed, down.ended]).toEqual([true, true, false]);
        else expect(channel.events).toBeUndefined();
        if (g.upgrade) expect(tries(journal)).toBeLessThanOrEqual(1);
        expect(journal.filter((line) => line.includes('not its own'))).toEqual([]);
        const handed = journal.filter((line) => line.includes(' copy ')).map((line) => line.split(' ')[0]);
        expect(handed.filter((name) => !opened.includes(name))).toEqual([]);
        const firstFinish = journal.findIndex((line) => /^s\d+ finish/.test(line));
        expect(journal.slice(firstFinish).filter((line) => line.endsWith(' response'))).toEqual([]);
        for (const call of upstream.calls) if (call.bodyEnded) expect(call.body).toBe('b'.repeat(g.upgrade ? 0 : (g.bodyLength ?? 0)));
      }),
      { numRuns: 3000 },
    );
  });

  it('never lets a response stage see an answer from outside it, and visits each at most once', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const { journal } = await play(g);
        const responded = journal.filter((line) => /^s\d+ response$/.test(line)).map((line) => Number(line.slice(1).split(' ')[0]));
        expect(responded).toEqual([...responded].sort((a, b) => b - a));
        expect(new Set(responded).size).toBe(responded.length);
        const refusing = g.stages.findIndex((s) => ['refuses', 'throws', 'throws late'].includes(s.onRequest));
        if (refusing >= 0) expect(responded.every((i) => i < refusing)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the run of an exchange, by example', () => {
  it('EV-8: changes both sides to the other protocol, and ends with the tunnel', async () => {
    const { journal, down, channel, x, doneEarly } = await play(
      simple({ upgrade: true, events: ['switch', 'turn', 'tunnel end', 'gone'] }),
    );
    expect([down.status, down.calls, channel.closed, x.end, doneEarly]).toEqual([101, ['upgrade'], true, 'client-closed', 1]);
    expect(journal.filter((line) => line.includes('finish'))).toEqual([
      'inner#1 finish client-closed',
      'outer#1 finish client-closed',
      's0 finish client-closed',
    ]);
  });

  it('EV-8: a refused upgrade is an answer like any other', async () => {
    const { down, x, upgrades } = await play(simple({ upgrade: true, events: ['head', 'data', 'end', 'turn'] }));
    expect([down.status, down.body, x.end, upgrades]).toEqual([200, 'data', 'complete', 0]);
  });

  it('EV-8: is not tried again, though the plan would', async () => {
    const { upstream } = await play(simple({ upgrade: true, tries: 3, events: ['retryable', 'end', 'turn'] }));
    expect(upstream.calls.length).toBe(1);
  });

  it('EV-8: an upstream that changes protocols after the client has left is let go', async () => {
    const late = await play(simple({ upgrade: true, stages: [plain({ onResponse: 'async' })], events: ['switch', 'gone', 'turn'] }));
    expect([late.channel.destroyed, late.channel.events, late.x.end]).toEqual([true, undefined, 'client-closed']);
  });

  it('EV-8: what a stage refuses after the upstream has changed protocols breaks the upstream alone', async () => {
    const { down, channel } = await play(simple({ upgrade: true, stages: [plain({ onResponse: 'refuses' })], events: ['switch', 'turn'] }));
    expect([down.status, down.body, channel.destroyed]).toEqual([299, 'replaced', true]);
  });

  it('a body that turns out malformed is the client’s fault, before an answer as in the middle of one', async () => {
    const before = await play(simple({ bodyLength: 200_000, events: ['malformed', 'turn'] }));
    expect([before.down.status, before.x.cancelled?.code, before.upstream.calls[0]?.aborted]).toEqual([400, 'MALFORMED_REQUEST', true]);
    const amid = await play(simple({ bodyLength: 200_000, events: ['head', 'data', 'malformed', 'turn'] }));
    expect([amid.down.status, amid.down.aborted, amid.x.end, amid.x.brokenBy]).toEqual([200, true, 'cut', 'MALFORMED_REQUEST']);
  });

  it('answers as the upstream answered', async () => {
    const { down, x, doneEarly } = await play(simple({ events: ['head', 'data', 'data', 'end'] }));
    expect([down.status, down.body, x.end, doneEarly]).toEqual([200, 'datadata', 'complete', 1]);
  });

  it('a throw in onRequest is INTERNAL_ERROR, seen by the stages outside', async () => {
    const { down, journal, bugs } = await play(simple({ stages: [plain(), plain({ onRequest: 'throws' }), plain()] }));
    expect(down.status).toBe(500);
    expect(journal.filter((l) => l.endsWith('response'))).toEqual(['s0 response']);
    expect(bugs).toEqual(['s1 onRequest']);
  });

  it('a throw in onResponse gives the stages outside INTERNAL_ERROR', async () => {
    const { down } = await play(simple({ stages: [plain(), plain({ onResponse: 'throws' })], events: ['head', 'end'] }));
    expect(down.status).toBe(500);
  });

  it('an answer over which a stage fails while it waits is INTERNAL_ERROR too', async () => {
    const { down, bugs } = await play(simple({ stages: [plain(), plain({ onResponse: 'throws late' })], events: ['head', 'end'] }));
    expect([down.status, bugs]).toEqual([500, ['s1 onResponse']]);
  });

  it('an exchange that is cancelled while a stage waits comes to no further stage', async () => {
    const { down, journal, upstream } = await play(
      simple({ stages: [plain(), plain({ onRequest: 'waits' }), plain()], events: ['cancel', 'turn'] }),
    );
    expect([down.status, upstream.calls.length]).toEqual([504, 0]);
    expect(journal.filter((l) => l.startsWith('s2'))).toEqual([]);
  });

  it('hands copies over after the last byte, the request before the response', async () => {
    const { journal } = await play(simple({ stages: [plain({ need: 'copy' })], events: ['head', 'data', 'end'] }));
    expect(journal.filter((l) => l.includes('copy'))).toEqual(['s0 copy request', 's0 copy response']);
  });

  it('EV-7: gives no copy of a body cut short, and breaks the client’s connection', async () => {
    const { journal, down, x } = await play(
      simple({ stages: [plain({ need: 'copy' })], events: ['head', 'data', 'turn', 'broken', 'turn'] }),
    );
    expect(journal).not.toContain('s0 copy response');
    expect([down.aborted, down.ended, x.end]).toEqual([true, false, 'upstream-broken']);
  });

  it('EV-7: a break while the answer is collected whole is as one before the head', async () => {
    const { down } = await play(simple({ stages: [plain({ need: 'whole' })], events: ['head', 'data', 'broken'] }));
    expect(down.status).toBe(502);
    expect(down.aborted).toBe(false);
  });

  it('forwards a body too large to be whole without losing a byte', async () => {
    const { down } = await play(simple({ stages: [plain({ need: 'whole' })], events: ['head', ...Array<Event>(300).fill('data'), 'end'] }));
    expect(down.body).toBe('data'.repeat(300));
  });

  it('asks for the copy of an answer that a stage put in the place of the upstream’s', async () => {
    const { journal, down } = await play(
      simple({ stages: [plain({ need: 'copy' }), plain({ onResponse: 'refuses' })], events: ['head', 'data', 'end'] }),
    );
    expect(down.body).toBe('replaced');
    expect(journal).toContain('s0 copy response');
  });

  it('asks nothing of a stage that the exchange never came to, and hands it nothing', async () => {
    const { journal, bugs, down } = await play(
      simple({ stages: [plain({ need: 'copy' }), plain({ onRequest: 'refuses' }), plain({ need: 'copy' })] }),
    );
    expect(down.status).toBe(503);
    expect([journal.filter((l) => l.startsWith('s2')), bugs]).toEqual([[], []]);
    expect(journal).toContain('s0 copy response');
  });

  it('leaves no stage before its answer has passed, however often the client is told gone', async () => {
    const { journal, x } = await play(
      simple({ stages: [plain(), plain({ onResponse: 'async' })], events: ['head', 'data', 'end', 'gone', 'gone', 'turn'] }),
    );
    expect(x.end).toBe('client-closed');
    expect(journal.filter((l) => /response|s\d finish/.test(l))).toEqual([
      's1 response',
      's0 response',
      's1 finish client-closed',
      's0 finish client-closed',
    ]);
  });

  it('runs tries until the plan has no more to say, each finished before the next begins', async () => {
    const { journal, down, x } = await play(
      simple({ tries: 3, bodyLength: 10, events: ['body end', 'turn', 'retryable', 'retryable', 'time', 'head', 'data', 'end'] }),
    );
    expect(down.status).toBe(200);
    expect(x.attempts).toBe(3);
    expect(journal.filter((l) => l.startsWith('outer'))).toEqual([
      'outer#1 open',
      'outer#1 finish superseded',
      'outer#2 open',
      'outer#2 finish superseded',
      'outer#3 open',
      'outer#3 finish complete',
    ]);
  });

  it('EV-3: a client that leaves before the head cancels the try and is logged as gone', async () => {
    const { upstream, x, journal, down } = await play(simple({ events: ['gone', 'turn'] }));
    expect(upstream.calls[0]?.aborted).toBe(true);
    expect([x.end, x.cancelled?.code, down.calls]).toEqual(['client-closed', 'CLIENT_CLOSED', []]);
    expect(journal).toContain('inner#1 finish cancelled');
  });

  it('EV-3: a client that leaves in mid-answer aborts the upstream', async () => {
    const { upstream, x } = await play(simple({ events: ['head', 'data', 'turn', 'gone', 'turn'] }));
    expect(upstream.calls[0]?.aborted).toBe(true);
    expect(x.end).toBe('client-closed');
  });
});
