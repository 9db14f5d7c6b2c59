import { expect, test } from 'vitest';
import { frame, isTerminal } from './screen.ts';

test('the first frame is written where the cursor stands', () => {
  expect(frame(undefined, ['one', 'two'], 80)).toBe('one\x1b[K\ntwo\x1b[K\n');
});

test('the next one stands in its place, and what was below it is gone', () => {
  expect(frame({ lines: 2, columns: 80 }, ['new'], 80)).toBe('\x1b[2A\rnew\x1b[K\n\x1b[J');
});

test('another width clears the window: nobody knows how the old lines were broken', () => {
  expect(frame({ lines: 2, columns: 80 }, ['new'], 60)).toBe('\x1b[2J\x1b[H\rnew\x1b[K\n\x1b[J');
});

test('nothing is drawn over where nothing can be', () => {
  const write = (): boolean => true;
  expect(isTerminal({ write }, {})).toBe(false);
  expect(isTerminal({ write, isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(isTerminal({ write, isTTY: true }, { TERM: 'xterm' })).toBe(true);
});
