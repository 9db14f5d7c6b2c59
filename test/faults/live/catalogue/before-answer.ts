import type { RejectionCode } from '../../../../src/core/rejection.ts';
import { type Fault, fallback, gets, type Group, refused, whole } from '../fault.ts';
import type { Step } from '../steps.ts';
import { ASKS, OK, REQUEST, SILENCE, WAYS } from './wire.ts';

/** Sent, and no answer: repeated only where that does no harm; what a POST has done nobody knows. */
export function unanswered(code: RejectionCode): Fault['expect'] {
  return {
    plain: gets(refused(code), 1),
    post: gets(refused(code), 1),
    retry: gets(whole(200), 2),
    guarded: gets(refused(code), 2, { circuit: 'open' }),
    keyed: gets(refused(code), 1, { again: { gets: refused('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'), asked: 1 } }),
    fallback: gets(fallback(code), 1),
    enforce: gets(whole(200), 2),
  };
}

const PROMISE =
  'RT-3: a GET is sent once more, a POST never. CB-2: a failure. FB-1: a trigger. ID-4: sent and unanswered is unknown, and not executed again';

const breaks = (id: string, what: string, upstream: readonly Step[]): Fault[] =>
  WAYS.map(({ way, name, step }) => ({
    id: `${way}-${id}`,
    what: `${what} (${name})`,
    promise: PROMISE,
    upstream: [...upstream, step],
    client: ASKS,
    expect: unanswered('UPSTREAM_RESET'),
  }));

const nonsense = (id: string, what: string, answer: string): Fault => ({
  id,
  what,
  promise: 'HY-4: 502, the connection is not used again; nothing of it reaches the next request. ID-4, CB-2, FB-1: as where it breaks off',
  upstream: [REQUEST, ['send', answer], SILENCE],
  client: ASKS,
  expect: {
    plain: gets(refused('UPSTREAM_BAD_FRAMING'), 1),
    post: gets(refused('UPSTREAM_BAD_FRAMING'), 1),
    keyed: gets(refused('UPSTREAM_BAD_FRAMING'), 1, { again: { gets: refused('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'), asked: 1 } }),
    fallback: gets(fallback('UPSTREAM_BAD_FRAMING'), 1),
  },
});

export const beforeAnswer: Group = {
  title: 'Between the request and the answer',
  faults: [
    ...breaks('before-head', 'The upstream reads the request and ends the connection', [REQUEST]),
    ...breaks('in-head', "The upstream ends the connection in the middle of the answer's head", [
      REQUEST,
      ['send', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ]),
    ...breaks('after-interim', 'The upstream sends 103 Early Hints and ends the connection', [
      REQUEST,
      ['send', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ]),
    {
      id: 'slow-head',
      what: 'The answer comes late, but in time',
      promise: 'DL-5: what comes within the time of a try is the answer',
      upstream: [REQUEST, ['pass', 50], ['send', OK]],
      client: ASKS,
      expect: {
        plain: gets(whole(200, 7), 1),
        guarded: gets(whole(200, 7), 1, { circuit: 'closed' }),
        keyed: gets(whole(200, 7), 1, { again: { gets: { as: 'whole', status: 200, run: 7, replayed: true }, asked: 1 } }),
        fallback: gets(whole(200, 7), 1),
      },
    },
    {
      id: 'late-head',
      what: 'The answer comes when the try has been given up',
      promise:
        'DL-5: the try is cancelled at the upstream, its answer reaches nobody. RT-3: a GET is sent once more. ID-4: a POST is unknown',
      limits: 'short',
      upstream: [REQUEST, ['pass', 250], ['send', OK], SILENCE],
      client: ASKS,
      expect: unanswered('UPSTREAM_TIMEOUT'),
    },
    {
      id: 'no-head',
      what: 'The upstream reads the request and never answers',
      promise: 'DL-5, RT-3, ID-4, CB-2, FB-1: as where it answers too late',
      limits: 'short',
      upstream: [REQUEST, SILENCE],
      client: ASKS,
      expect: unanswered('UPSTREAM_TIMEOUT'),
    },
    {
      id: 'dribbled-answer',
      what: 'The answer comes byte by byte',
      promise: 'HY-4: how bytes are cut makes no difference',
      upstream: [REQUEST, ['dribble', OK]],
      client: ASKS,
      expect: {
        plain: gets(whole(200, 7), 1),
        guarded: gets(whole(200, 7), 1),
        keyed: gets(whole(200, 7), 1),
        enforce: gets(whole(200, 7), 1),
      },
    },
    nonsense('not-http', 'The upstream speaks another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'),
    nonsense(
      'length-and-chunks',
      'The answer has a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
    nonsense('endless-head', "The answer's head never ends", `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`),
    {
      id: 'unasked-100',
      what: 'The upstream sends a 100 that nobody asked for',
      promise: 'EV-5: it is not forwarded, and the answer behind it is',
      upstream: [REQUEST, ['send', `HTTP/1.1 100 Continue\r\n\r\n${OK}`]],
      client: ASKS,
      expect: { plain: gets(whole(200, 7), 1), keyed: gets(whole(200, 7), 1), enforce: gets(whole(200, 7), 1) },
    },
  ],
};
