import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LineSink } from './line-sink.ts';
import { LineWriter } from './line-writer.ts';

/** A sink that answers when it is told to. */
class ManualSink implements LineSink {
  readonly pieces: string[] = [];
  closed = false;
  #done: ((written: number, error: Error | undefined) => void) | undefined;

  write(piece: Buffer, done: (written: number, error: Error | undefined) => void): void {
    expect(this.#done).toBeUndefined();
    this.pieces.push(piece.toString());
    this.#done = done;
  }

  answer(written = Buffer.byteLength(this.pieces.at(-1) ?? ''), error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(written, error);
  }

  close(): void {
    this.closed = true;
  }
}

describe('LineWriter', () => {
  let sink: ManualSink;
  let dropped: number;
  let states: (string | undefined)[];
  const make = (maxWaiting?: number): LineWriter =>
    new LineWriter({
      sink,
      onDropped: (lines) => (dropped += lines),
      onState: (error) => states.push(error?.message),
      ...(maxWaiting === undefined ? {} : { maxWaiting }),
    });

  beforeEach(() => {
    vi.useFakeTimers();
    sink = new ManualSink();
    dropped = 0;
    states = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('hands lines over together, within 100 ms', () => {
    const writer = make();
    writer.write('a\n');
    writer.write('b\n');
    expect(sink.pieces).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(sink.pieces).toEqual(['a\nb\n']);
  });

  it('hands much over at once, without waiting', () => {
    const writer = make();
    const line = `${'x'.repeat(999)}\n`;
    for (let i = 0; i < 40; i++) writer.write(line);
    expect(sink.pieces).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has one piece on its way at a time; the rest follows in order', () => {
    const writer = make();
    writer.write('a\n');
    vi.advanceTimersByTime(100);
    writer.write('b\n');
    vi.advanceTimersByTime(1000);
    expect(sink.pieces).toEqual(['a\n']);
    sink.answer();
    vi.advanceTimersByTime(100);
    expect(sink.pieces).toEqual(['a\n', 'b\n']);
  });

  it('keeps a bounded amount while the destination is stuck, and counts the rest', () => {
    const writer = make(100);
    writer.write('first\n');
    vi.advanceTimersByTime(100);
    for (let i = 0; i < 1000; i++) writer.write('123456789\n');
    expect(dropped).toBe(990);
    sink.answer();
    vi.advanceTimersByTime(100);
    expect(sink.pieces[1]).toBe('123456789\n'.repeat(10));
  });

  it('counts what a failing destination did not take, tries again with what comes later, and says so once', () => {
    const writer = make();
    for (let i = 0; i < 3; i++) {
      writer.write('a\n');
      writer.write('b\n');
      vi.advanceTimersByTime(1000);
      sink.answer(0, new Error('ENOSPC'));
    }
    expect(sink.pieces).toHaveLength(3);
    expect(dropped).toBe(6);
    expect(states).toEqual(['ENOSPC']);
    writer.write('c\n');
    vi.advanceTimersByTime(1000);
    sink.answer();
    expect(dropped).toBe(6);
    expect(states).toEqual(['ENOSPC', undefined]);
  });

  it('does not hammer a failing destination', () => {
    const writer = make();
    writer.write('a\n');
    vi.advanceTimersByTime(100);
    sink.answer(0, new Error('ENOSPC'));
    const line = `${'x'.repeat(999)}\n`;
    for (let i = 0; i < 100; i++) writer.write(line);
    expect(sink.pieces).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(sink.pieces).toHaveLength(2);
  });

  it('begins a new line after a torn one', () => {
    const writer = make();
    writer.write('{"a":1}\n');
    writer.write('{"b":2}\n');
    vi.advanceTimersByTime(100);
    sink.answer(10, new Error('ENOSPC'));
    expect(dropped).toBe(1);
    writer.write('{"c":3}\n');
    vi.advanceTimersByTime(1000);
    expect(sink.pieces[1]).toBe('\n{"c":3}\n');
  });

  it('writes everything on close, then nothing more', async () => {
    const writer = make();
    writer.write('a\n');
    vi.advanceTimersByTime(100);
    writer.write('b\n');
    const closing = writer.close(1000);
    sink.answer();
    sink.answer();
    await closing;
    expect(sink.pieces).toEqual(['a\n', 'b\n']);
    expect(sink.closed).toBe(true);
    writer.write('late\n');
    expect(dropped).toBe(1);
    await writer.close(1000);
  });

  it('gives a stuck destination up when the grace is over, and counts what is left', async () => {
    const writer = make();
    writer.write('a\n');
    vi.advanceTimersByTime(100);
    writer.write('b\n');
    const closing = writer.close(1000);
    await vi.advanceTimersByTimeAsync(1000);
    await closing;
    expect(dropped).toBe(2);
    sink.answer(0, new Error('late'));
    expect(dropped).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
