import { type Expected, type Fault, fallback, gets, type Group, whole } from '../fault.ts';
import type { Step } from '../steps.ts';
import { ASKS, FIN, REQUEST } from './wire.ts';

/** On a connection of its own each, so that a second try meets another one. */
const answer = (status: number, fields = ''): readonly Step[] => [
  REQUEST,
  ['send', `HTTP/1.1 ${status} No\r\nContent-Type: application/json\r\nConnection: close\r\n${fields}Content-Length: 9\r\n\r\n{"run":3}`],
  FIN,
];

/** The upstream's own answer: kept under a key like any other. */
const kept = (status: number): Expected =>
  gets(whole(status, 3), 1, { again: { gets: { as: 'whole', status, run: 3, replayed: true }, asked: 1 } });

const repeated = (status: number): Fault['expect'] => ({
  plain: gets(whole(status, 3), 1),
  post: gets(whole(status, 3), 1),
  retry: gets(whole(200), 2),
  guarded: gets(whole(status, 3), 2, { circuit: 'open' }),
  keyed: kept(status),
  fallback: gets(fallback(status), 1),
  enforce: gets(whole(200), 2),
});

const says = (status: number): Fault => ({
  id: `says-${status}`,
  what: `The upstream answers ${status}`,
  promise: 'RT-3: a GET is sent once more, a POST never. CB-2: a failure. FB-1: a trigger. ID-7: kept under the key, and replayed',
  upstream: answer(status),
  client: ASKS,
  expect: repeated(status),
});

export const statuses: Group = {
  title: 'Answers that say no',
  faults: [
    ...[502, 503, 504].map(says),
    {
      id: 'says-500',
      what: 'The upstream answers 500',
      promise:
        'RT-3: not repeated unless it is listed. FB-1: no trigger. CB-2: a failure (one is too few to open). ID-7: kept under the key',
      upstream: answer(500),
      client: ASKS,
      expect: {
        plain: gets(whole(500, 3), 1),
        retry: gets(whole(500, 3), 1),
        guarded: gets(whole(500, 3), 1, { circuit: 'closed' }),
        keyed: kept(500),
        fallback: gets(whole(500, 3), 1),
      },
    },
    {
      id: 'says-503-for-long',
      what: 'The upstream answers 503 and asks to wait for longer than there is',
      promise: 'RT-6: its Retry-After does not fit the deadline, so the answer goes back at once',
      upstream: answer(503, 'Retry-After: 60\r\n'),
      client: ASKS,
      expect: { retry: gets(whole(503, 3), 1), guarded: gets(whole(503, 3), 1, { circuit: 'closed' }), keyed: kept(503) },
    },
    {
      id: 'says-429',
      what: 'The upstream answers 429 and does not say for how long',
      promise: 'RT-3: repeated only with a Retry-After that fits. CB-2: no failure. FB-1: no trigger',
      upstream: answer(429),
      client: ASKS,
      expect: {
        retry: gets(whole(429, 3), 1),
        guarded: gets(whole(429, 3), 1, { circuit: 'closed' }),
        keyed: kept(429),
        fallback: gets(whole(429, 3), 1),
      },
    },
  ],
};
