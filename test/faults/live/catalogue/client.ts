import { type Expected, type Fault, gets, type Group, left, refused, replayed, whole, broken, fallback } from '../fault.ts';
import type { Step } from '../steps.ts';
import { CHUNKED_UPLOAD, EXPECTING, HEAD, OK, PART, REQUEST, RST, SHORT_UPLOAD, SILENCE, WAYS } from './wire.ts';

const UNKNOWN = refused('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN');
const SECOND = 'GET PATH-second HTTP/1.1\r\nHost: x\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
/** Nothing of it reached the upstream, so that the key is free. */
const free = (expected: Expected): Expected => ({ ...expected, again: { gets: whole(200), asked: (expected.asked as number) + 1 } });
const unknown = (expected: Expected): Expected => ({ ...expected, again: { gets: UNKNOWN, asked: expected.asked as number } });

const leaves = (id: string, what: string, promise: string, steps: readonly Step[], more: Pick<Fault, 'upstream' | 'expect'>): Fault[] =>
  WAYS.map(({ way, name, step }) => ({
    id: `client-${way}-${id}`,
    what: `The client leaves ${what} (${name})`,
    promise,
    ...more,
    client: [...steps, step, ['tell', 'left']],
  }));

const EV_3 = 'EV-3: the upstream is given up, nothing is sent; no breaker counts it';
const LATE = refused('REQUEST_TIMEOUT');
/** More than all that lies between takes in. */
const LARGE_UPLOAD = `POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n${'x'.repeat(20_000_000)}`;

export const client: Group = {
  title: 'The client',
  faults: [
    {
      id: 'slow-upload',
      what: 'The request comes byte by byte',
      promise: 'HY-1: how bytes are cut makes no difference',
      upstream: [],
      client: [['dribble', 'REQUEST']],
      expect: {
        plain: gets(whole(200, 1), 1),
        keyed: gets(whole(200, 1), 1, { again: { gets: replayed(1), asked: 1 } }),
        enforce: gets(whole(200, 1), 1),
      },
    },
    {
      id: 'upload-stops',
      what: 'An upload of a known length stops',
      promise: 'DL-6: 408, the caller’s fault: no breaker counts it, no retry, no fallback. ID-4: nothing was sent, the key stays free',
      limits: 'short',
      upstream: [],
      client: [['send', SHORT_UPLOAD]],
      expect: {
        plain: gets(LATE, 0),
        post: gets(LATE, 0),
        guarded: gets(LATE, 0, { circuit: 'closed' }),
        fallback: gets(LATE, 0),
        keyed: free(gets(LATE, 0)),
      },
    },
    {
      id: 'chunked-upload-stops',
      what: 'A chunked upload stops',
      promise: 'DL-6: 408, as above. ID-4: part of it was sent, so its outcome is unknown',
      limits: 'short',
      upstream: [],
      client: [['send', CHUNKED_UPLOAD]],
      expect: {
        plain: gets(LATE, 1, { whole: 0 }),
        guarded: gets(LATE, 1, { whole: 0, circuit: 'closed' }),
        fallback: gets(LATE, 1, { whole: 0 }),
        keyed: unknown(gets(LATE, 1, { whole: 0 })),
      },
    },
    {
      id: 'malformed-upload',
      what: 'A chunk of the upload is none',
      promise: 'HY-1: 400, the upstream’s request never ends. ID-4: part of it was sent, so its outcome is unknown',
      upstream: [],
      client: [
        ['send', CHUNKED_UPLOAD],
        ['send', 'zz\r\n'],
      ],
      expect: {
        plain: gets(refused('MALFORMED_REQUEST'), 1, { whole: 0 }),
        guarded: gets(refused('MALFORMED_REQUEST'), 1, { whole: 0, circuit: 'closed' }),
        keyed: unknown(gets(refused('MALFORMED_REQUEST'), 1, { whole: 0 })),
      },
    },
    {
      id: 'upload-broken-off',
      what: 'The upstream ends the connection in the middle of an upload (RST)',
      promise: 'RT-5: what is still arriving is not repeated once part of it may have been seen. ID-4: unknown',
      upstream: [['hear', '{"a"'], RST],
      client: [['send', CHUNKED_UPLOAD]],
      expect: {
        plain: gets(refused('UPSTREAM_RESET'), 1, { whole: 0 }),
        post: gets(refused('UPSTREAM_RESET'), 1, { whole: 0 }),
        keyed: unknown(gets(refused('UPSTREAM_RESET'), 1, { whole: 0 })),
      },
    },
    {
      id: 'upload-not-taken',
      what: 'The upstream stops reading in the middle of a large upload',
      promise:
        'DL-6: the gateway holds the rest of the body back, so it is not the caller who is late: 504, the upstream’s fault, and the breaker counts it',
      limits: 'short',
      upstream: [['hear', 'POST'], ['stop'], ['await', 'answered'], ['resume'], SILENCE],
      client: [
        ['send', LARGE_UPLOAD],
        ['hear', 'HTTP/1.1 '],
        ['tell', 'answered'],
      ],
      expect: {
        plain: gets(refused('UPSTREAM_TIMEOUT'), 1, { whole: 0 }),
        guarded: gets(refused('UPSTREAM_TIMEOUT'), 1, { whole: 0 }),
        fallback: gets(fallback('UPSTREAM_TIMEOUT'), 1, { whole: 0 }),
      },
    },
    {
      id: 'expect-and-refused',
      what: 'A client that waits for a 100, and nobody listens at the upstream',
      promise: 'EV-4: the refusal comes without a 100. ID-4: the key stays free',
      to: 'refusing',
      upstream: [],
      client: [['send', EXPECTING]],
      expect: {
        plain: gets(refused('UPSTREAM_REFUSED'), 0, { attempts: 2 }),
        post: gets(refused('UPSTREAM_REFUSED'), 0, { attempts: 2 }),
      },
    },
    {
      id: 'expect-and-broken',
      what: 'The upstream ends the connection after a request whose client had waited for a 100',
      promise: 'EV-4: the 100 is ours. RT-3, ID-4: as without it',
      upstream: [REQUEST, RST],
      client: [
        ['send', EXPECTING],
        ['hear', CONTINUE],
        ['send', '{"a":"b"}'],
      ],
      expect: { plain: gets(refused('UPSTREAM_RESET'), 1), keyed: unknown(gets(refused('UPSTREAM_RESET'), 1)) },
    },
    {
      id: 'expect-and-stops',
      what: 'A client gets its 100 and sends nothing',
      promise: 'DL-6: 408. ID-6: a keyed request is read before it is sent: the upstream never heard of it, the key stays free',
      limits: 'short',
      upstream: [],
      client: [
        ['send', EXPECTING],
        ['hear', CONTINUE],
      ],
      expect: {
        plain: gets(LATE, 1, { whole: 0 }),
        guarded: gets(LATE, 1, { whole: 0, circuit: 'closed' }),
        keyed: free(gets(LATE, 0)),
      },
    },
    {
      id: 'expect-something-else',
      what: 'A client expects what nobody knows',
      promise: 'EV-4: 417, nothing is sent',
      upstream: [],
      client: [['send', EXPECTING.replace('100-continue', 'miracles')]],
      expect: { plain: gets(refused('EXPECTATION_FAILED'), 0), keyed: free(gets(refused('EXPECTATION_FAILED'), 0)) },
    },
    ...leaves(
      'in-head',
      'in the head of its request',
      'EV-3: there was no exchange to tell of',
      [['send', 'GET PATH HTTP/1.1\r\nHost: x\r\nX-Ha']],
      {
        upstream: [],
        expect: { plain: { answers: [], asked: 0 } },
      },
    ),
    ...leaves(
      'in-upload',
      'in an upload of a known length',
      `${EV_3}. ID-3: nothing was sent, the key stays free`,
      [['send', SHORT_UPLOAD]],
      {
        upstream: [],
        expect: { plain: gets(left, 0), guarded: gets(left, 0, { circuit: 'closed' }), keyed: free(gets(left, 0)) },
      },
    ),
    ...leaves(
      'in-chunked-upload',
      'in a chunked upload',
      `${EV_3}. ID-3: part of it was sent: unknown`,
      [
        ['send', CHUNKED_UPLOAD],
        ['await', 'seen'],
      ],
      {
        upstream: [['hear', '{"a"'], ['tell', 'seen'], REQUEST],
        expect: {
          plain: gets(left, 1, { whole: 0 }),
          guarded: gets(left, 1, { whole: 0, circuit: 'closed' }),
          keyed: unknown(gets(left, 1, { whole: 0 })),
        },
      },
    ),
    ...leaves(
      'waiting',
      'while it waits for the answer',
      `${EV_3}. ID-3: with a key it runs on, is stored and replayed`,
      [
        ['send', 'REQUEST'],
        ['await', 'asked'],
      ],
      {
        upstream: [REQUEST, ['tell', 'asked'], ['await', 'left'], ['pass', 30], ['send', OK]],
        expect: {
          plain: gets(left, 1),
          post: gets(left, 1),
          guarded: gets(left, 1, { circuit: 'closed' }),
          fallback: gets(left, 1),
          enforce: gets(left, 1),
          keyed: gets(left, 1, { again: { gets: replayed(7), asked: 1 } }),
        },
      },
    ),
    ...leaves(
      'in-answer',
      'in the middle of the answer',
      EV_3,
      [
        ['send', 'REQUEST'],
        ['hear', PART],
      ],
      {
        upstream: [REQUEST, ['send', `${HEAD}Content-Length: 99\r\n\r\n${PART}`], SILENCE],
        expect: { plain: gets(left, 1), guarded: gets(left, 1, { circuit: 'closed' }), fallback: gets(left, 1) },
      },
    ),
    {
      id: 'client-stops-reading',
      what: 'The client does not read its answer for a while',
      promise: 'EV-1: nothing of it is lost',
      upstream: [REQUEST, ['send', `${HEAD}Content-Length: 4194310\r\n\r\n{"run":7,"x":"${' '.repeat(4_194_294)}"}`]],
      client: [['stop'], ['send', 'REQUEST'], ['pass', 60], ['resume']],
      expect: {
        plain: gets(whole(200), 1),
        keyed: gets(whole(200), 1, { again: { gets: refused('IDEMPOTENCY_KEY_RESULT_NOT_KEPT'), asked: 1 } }),
      },
    },
    {
      id: 'pipeline-behind-refusal',
      what: 'A second request in the pipeline behind one whose upstream breaks off',
      promise: 'ER-1: each gets its own answer, in order',
      upstream: [REQUEST, RST],
      client: [['send', `REQUEST${SECOND}`]],
      expect: {
        plain: { answers: [refused('UPSTREAM_RESET'), whole(200)], asked: 2 },
        post: { answers: [refused('UPSTREAM_RESET'), whole(200)], asked: 2 },
        retry: { answers: [whole(200), whole(200)], asked: 3 },
        keyed: { answers: [refused('UPSTREAM_RESET'), whole(200)], asked: 2 },
      },
    },
    {
      id: 'pipeline-behind-break',
      what: 'A second request in the pipeline behind an answer that breaks off',
      promise: 'EV-7: the connection ends with the broken answer, the second request is never begun',
      upstream: [REQUEST, ['send', `${HEAD}Content-Length: 99\r\n\r\n${PART}`], RST],
      client: [['send', `REQUEST${SECOND}`]],
      expect: { plain: gets(broken(), 1), retry: gets(broken(), 1) },
    },
  ],
};
