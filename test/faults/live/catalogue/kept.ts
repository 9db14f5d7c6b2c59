import { type Fault, fallback, type Group, refused, whole } from '../fault.ts';
import type { Step } from '../steps.ts';
import { OK, WAYS } from './wire.ts';

/** Comes before the request that matters, on the connection that is kept then. */
const WARM = 'GET PATH-warm HTTP/1.1\r\nHost: x\r\n\r\n';
const ASKS_TWICE: readonly Step[] = [
  ['send', WARM],
  ['hear', '"target"'],
  ['send', 'REQUEST'],
];

const races = (id: string, what: string, upstream: readonly Step[], wholes: 0 | 1): Fault[] =>
  WAYS.map(({ way, name, step }) => ({
    id: `${way}-${id}`,
    what: `${what} (${name})`,
    promise:
      'RT-2: a GET that a kept connection loses before any answer is sent once more, without a retry block too; a POST never. ID-4: unknown',
    upstream: [['serve'], ...upstream, step],
    client: ASKS_TWICE,
    expect: {
      plain: { answers: [whole(200, 1), whole(200, 2)], asked: 3, whole: 2 + wholes },
      post: { answers: [whole(200, 1), refused('UPSTREAM_RESET')], asked: 2, whole: 1 + wholes },
      keyed: {
        answers: [whole(200, 1), refused('UPSTREAM_RESET')],
        asked: 2,
        whole: 1 + wholes,
        again: { gets: refused('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'), asked: 2 },
      },
      enforce: { answers: [whole(200, 1), whole(200, 2)], asked: 3, whole: 2 + wholes },
    },
  }));

export const kept: Group = {
  title: 'On a kept connection',
  faults: [
    ...races(
      'at-first-byte',
      'The upstream ends a kept connection when the first byte of the next request has come',
      [['hear', 'T /f/']],
      1,
    ),
    ...races('after-request', 'The upstream ends a kept connection when the next request has come', [['request']], 1),
    ...WAYS.map(
      ({ way, name, step }): Fault => ({
        id: `${way}-while-idle`,
        what: `The upstream ends a kept connection on which nothing is asked (${name})`,
        promise: 'RT-2: nobody notices, a POST neither',
        upstream: [['serve'], ['await', 'answered'], step, ['tell', 'ended']],
        client: [
          ['send', WARM],
          ['hear', '"target"'],
          ['tell', 'answered'],
          ['await', 'ended'],
          ['pass', 20],
          ['send', 'REQUEST'],
        ],
        expect: {
          plain: { answers: [whole(200, 1), whole(200, 2)], asked: 2 },
          post: { answers: [whole(200, 1), whole(200, 2)], asked: 2 },
          keyed: { answers: [whole(200, 1), whole(200, 2)], asked: 2 },
        },
      }),
    ),
    {
      id: 'answer-while-idle',
      what: 'The upstream sends an answer on a kept connection on which nothing is asked',
      promise: 'HY-4: it never reaches the next request',
      upstream: [['serve'], ['await', 'answered'], ['send', OK], ['tell', 'ended'], ['silence']],
      client: [
        ['send', WARM],
        ['hear', '"target"'],
        ['tell', 'answered'],
        ['await', 'ended'],
        ['pass', 20],
        ['send', 'REQUEST'],
      ],
      expect: {
        plain: { answers: [whole(200, 1), whole(200, 2)], asked: 2 },
        post: { answers: [whole(200, 1), whole(200, 2)], asked: 2 },
        enforce: { answers: [whole(200, 1), whole(200, 2)], asked: 2 },
      },
    },
    {
      id: 'kept-and-silent',
      what: 'The upstream never answers the second request of a connection',
      promise: 'RT-2, DL-5: a timeout is no reset: not repeated without a retry block. FB-1: a trigger',
      limits: 'short',
      upstream: [['serve'], ['request'], ['silence']],
      client: ASKS_TWICE,
      expect: {
        plain: { answers: [whole(200, 1), refused('UPSTREAM_TIMEOUT')], asked: 2 },
        retry: { answers: [whole(200, 1), whole(200, 2)], asked: 3 },
        fallback: { answers: [whole(200, 1), fallback('UPSTREAM_TIMEOUT')], asked: 2 },
      },
    },
  ],
};
