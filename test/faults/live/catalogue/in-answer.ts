import type { RejectionCode } from '../../../../src/core/rejection.ts';
import { broken, type Fault, gets, type Group, refused, replayed, whole } from '../fault.ts';
import type { Step } from '../steps.ts';
import { ASKS, FIN, HEAD, OK, PART, REQUEST, RST, SILENCE, WAYS } from './wire.ts';

/** The head was forwarded: the client's connection is broken. Where the answer is held whole it is as if nothing had come. */
function brokenOff(code: RejectionCode): Fault['expect'] {
  return {
    plain: gets(broken(code), 1),
    retry: gets(broken(code), 1),
    guarded: gets(broken(code), 1),
    keyed: gets(refused(code), 1, { again: { gets: refused('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'), asked: 1 } }),
    fallback: gets(broken(code), 1),
  };
}

const PROMISE =
  'EV-7: the client is broken off too, never a silently short body; RT-1: not repeated. Held whole (enforce, keyed): as before the head';

const LENGTH = `${HEAD}Content-Length: 99\r\n\r\n`;
const CHUNKS = `${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n${PART}\r\n`;

const cut = (id: string, what: string, sends: readonly Step[]): Fault[] =>
  WAYS.map(({ way, name, step }) => ({
    id: `${way}-${id}`,
    what: `${what} (${name})`,
    promise: PROMISE,
    upstream: [REQUEST, ...sends, step],
    client: ASKS,
    expect: { ...brokenOff('UPSTREAM_RESET'), enforce: gets(whole(200), 2) },
  }));

const complete = (id: string, what: string, promise: string, upstream: readonly Step[]): Fault => ({
  id,
  what,
  promise,
  upstream: [REQUEST, ...upstream],
  client: ASKS,
  expect: {
    plain: gets(whole(200, 7), 1),
    guarded: gets(whole(200, 7), 1, { circuit: 'closed' }),
    keyed: gets(whole(200, 7), 1, { again: { gets: replayed(7), asked: 1 } }),
    enforce: gets(whole(200, 7), 1),
  },
});

export const inAnswer: Group = {
  title: 'In the answer',
  faults: [
    ...cut('after-head', 'The upstream ends the connection between head and body', [['send', LENGTH]]),
    ...cut('in-length', 'Fewer bytes than Content-Length says', [['send', LENGTH + PART]]),
    ...cut('in-chunk', 'The connection ends in a chunk', [['send', `${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n${PART}`]]),
    ...cut('in-chunk-size', 'The connection ends in the size of a chunk', [['send', `${CHUNKS}f`]]),
    ...cut('before-last-chunk', 'The connection ends before the last chunk', [['send', CHUNKS]]),
    ...cut('in-trailers', 'The connection ends in the trailers', [['send', `${CHUNKS}0\r\nX-Sum: 9\r\nX-`]]),
    {
      id: 'rst-until-close',
      what: 'An answer that its connection ends, and the end is a reset',
      promise: 'EV-7: not taken for a whole answer',
      upstream: [REQUEST, ['send', `${HEAD}\r\n${PART}`], RST],
      client: ASKS,
      expect: { ...brokenOff('UPSTREAM_RESET'), enforce: gets(whole(200), 2) },
    },
    {
      id: 'chunk-too-long',
      what: 'More bytes than the size of the chunk says',
      promise: 'EV-7, HY-4: what is not HTTP breaks the answer off. Held whole: 502',
      upstream: [REQUEST, ['send', `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\n{"ru`], ['send', 'n":1}\r\n0\r\n\r\n'], SILENCE],
      client: ASKS,
      expect: brokenOff('UPSTREAM_BAD_FRAMING'),
    },
    {
      id: 'silence-in-body',
      what: 'The upstream falls silent in the middle of the body',
      promise: 'DL-2: a stream ends by the idle limit; an answer that is held whole by the deadline',
      limits: 'short',
      upstream: [REQUEST, ['send', LENGTH + PART], SILENCE],
      client: ASKS,
      expect: {
        plain: gets(broken('UPSTREAM_TIMEOUT', ['idle', 'cut']), 1),
        guarded: gets(broken('UPSTREAM_TIMEOUT', ['idle', 'cut']), 1),
        keyed: gets(refused('UPSTREAM_TIMEOUT'), 1, { again: { gets: refused('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'), asked: 1 } }),
        enforce: gets(refused('UPSTREAM_TIMEOUT'), 1),
      },
    },
    complete('slow-body', 'The body comes in pieces with pauses', 'DL-2: a stream may take its time', [
      ['send', `${HEAD}Content-Length: 9\r\n\r\n{"ru`],
      ['pass', 40],
      ['send', 'n":'],
      ['pass', 40],
      ['send', '7}'],
    ]),
    complete(
      'length-exceeded',
      'More bytes than Content-Length says',
      'HY-4: what is too much reaches nobody, the connection is given up',
      [['send', `${OK}{"run":666}`], SILENCE],
    ),
    complete('second-answer', 'A second answer that nobody asked for', 'HY-4: it never reaches the next request', [
      ['send', OK + OK],
      SILENCE,
    ]),
    complete('slow-close', 'A whole answer, and the connection is closed much later', 'EV-7: the answer waits for no close', [
      ['send', OK.replace('\r\n', '\r\nConnection: close\r\n')],
      ['pass', 120],
      FIN,
    ]),
    complete('slow-close-ends', 'An answer that its connection ends, much later', 'EV-7: after a FIN it is whole', [
      ['send', `${HEAD}\r\n{"run":7}`],
      ['pass', 120],
      FIN,
    ]),
    complete(
      'half-closed-after',
      'A whole answer, and the upstream ends its side at once',
      'HY-4: the answer is whole; the connection is not used again',
      [['send', OK], FIN],
    ),
  ],
};
