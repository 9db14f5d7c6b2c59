import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeChannel } from '../../test/kit/channel.ts';
import { FakeClock } from '../../test/kit/clock.ts';
import type { End } from '../core/stage.ts';
import { Tunnel } from './tunnel.ts';

function tunnel(): { client: FakeChannel; upstream: FakeChannel; tunnel: Tunnel; clock: FakeClock; ends: End[] } {
  const [client, upstream, clock] = [new FakeChannel(), new FakeChannel(), new FakeClock()];
  const ends: End[] = [];
  return { client, upstream, clock, tunnel: new Tunnel(client, upstream, clock, (end) => ends.push(end)), ends };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a tunnel (EV-8)', () => {
  it('carries bytes both ways and counts them', () => {
    const t = tunnel();
    t.client.events.onData(Buffer.from('ping'));
    t.upstream.events.onData(Buffer.from('pong!'));
    expect([t.upstream.written, t.client.written, t.tunnel.receivedBytes, t.tunnel.sentBytes]).toEqual(['ping', 'pong!', 4, 5]);
  });

  it.each(['client', 'upstream'] as const)('stops reading while the other side does not take what the %s sends', (from) => {
    const t = tunnel();
    const [source, sink] = from === 'client' ? [t.client, t.upstream] : [t.upstream, t.client];
    sink.takesMore = false;
    source.events.onData(Buffer.from('x'));
    expect([source.paused, sink.paused]).toEqual([true, false]);
    sink.events.onDrain();
    expect([source.paused, sink.paused]).toEqual([false, false]);
  });

  it.each(['client', 'upstream'] as const)('passes the FIN of the %s on and lets the other half go on', (from) => {
    const t = tunnel();
    const [source, sink] = from === 'client' ? [t.client, t.upstream] : [t.upstream, t.client];
    source.events.onEnd();
    sink.events.onData(Buffer.from('more'));
    expect([sink.ended, source.ended, source.written, t.ends]).toEqual([true, false, 'more', []]);
  });

  it('is complete when both sides have ended', () => {
    const t = tunnel();
    t.client.close('ended');
    expect(t.ends).toEqual([]);
    t.upstream.close('ended');
    expect([t.ends, t.client.destroyed, t.upstream.destroyed]).toEqual([['complete'], false, false]);
  });

  it.each([
    ['client', 'client-closed'],
    ['upstream', 'upstream-broken'],
  ] as const)('a %s that breaks takes the other side with it: %s', async (who, end) => {
    const t = tunnel();
    t[who].close('broken');
    await settled();
    expect([t.client.closed, t.upstream.closed, t.ends]).toEqual([true, true, [end]]);
  });

  it('half closed and silent for a minute it is cut, however long both sides were silent before', async () => {
    const t = tunnel();
    t.clock.advance(3_600_000);
    t.client.events.onEnd();
    t.clock.advance(59_000);
    t.upstream.events.onData(Buffer.from('still here'));
    t.clock.advance(59_000);
    expect(t.client.destroyed).toBe(false);
    t.clock.advance(61_000);
    await settled();
    expect([t.client.destroyed, t.upstream.destroyed, t.ends, t.clock.pending]).toEqual([true, true, ['cut'], 0]);
  });

  it('cut: both sides break', async () => {
    const t = tunnel();
    t.tunnel.cut();
    await settled();
    expect([t.client.destroyed, t.upstream.destroyed, t.ends]).toEqual([true, true, ['cut']]);
  });

  it('whatever happens in whatever order: nothing is lost or doubled, and it ends once, when both are closed', async () => {
    const step = fc.record({
      who: fc.constantFrom('client' as const, 'upstream' as const),
      what: fc.constantFrom('data', 'end', 'drain', 'full', 'closed', 'broken', 'cut'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const t = tunnel();
        const sent = { client: '', upstream: '' };
        for (const [i, { who, what }] of steps.entries()) {
          if (t[who].closed || t[who].destroyed) continue;
          if (what === 'full') t[who].takesMore = !t[who].takesMore;
          if (what === 'data') {
            sent[who] += `${i}.`;
            t[who].events.onData(Buffer.from(`${i}.`));
          }
          if (what === 'end') t[who].events.onEnd();
          if (what === 'drain') t[who].events.onDrain();
          if (what === 'cut') t.tunnel.cut();
          if (what === 'closed') t[who].close('ended');
          if (what === 'broken') t[who].close('broken');
        }
        await settled();
        expect([t.upstream.written, t.client.written]).toEqual([sent.client, sent.upstream]);
        expect(t.ends.length).toBe(t.client.closed && t.upstream.closed ? 1 : 0);
        if (t.ends.length === 1) expect(t.clock.pending).toBe(0);
      }),
    );
  });
});
