/** Pieces of which faults are written. */
import type { Step } from '../steps.ts';
import { okAnswer } from '../upstream.ts';

export const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
/** Begins an answer and leaves it at that; valid up to here. */
export const PART = '{"run":1,';
/** As it should be, with a number that no healthy answer has. */
export const OK = okAnswer('{"run":7}');

export const FIN: Step = ['end', 'FIN'];
export const RST: Step = ['end', 'RST'];
export const WAYS: ReadonlyArray<{ readonly way: 'fin' | 'rst'; readonly name: string; readonly step: Step }> = [
  { way: 'fin', name: 'FIN', step: FIN },
  { way: 'rst', name: 'RST', step: RST },
];

/** A client that asks and waits for what comes. */
export const ASKS: readonly Step[] = [['send', 'REQUEST']];
export const REQUEST: Step = ['request'];
export const SILENCE: Step = ['silence'];
/** An upload that says how long it will be, and does not get there. */
export const SHORT_UPLOAD = 'POST PATH HTTP/1.1\r\nHost: x\r\nKEY\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a"';
export const CHUNKED_UPLOAD =
  'POST PATH HTTP/1.1\r\nHost: x\r\nKEY\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n';
export const EXPECTING =
  'POST PATH HTTP/1.1\r\nHost: x\r\nKEY\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n';
