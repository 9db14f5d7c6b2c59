import { type Expected, type Fault, fallback, gets, type Group, refused } from '../fault.ts';
import type { RejectionCode } from '../../../../src/core/rejection.ts';
import { ASKS, SILENCE, WAYS } from './wire.ts';

/** No connection: nothing was sent, so that everything may be tried again, and a key is free again. */
function unsent(code: RejectionCode): Fault['expect'] {
  const twice: Expected = gets(refused(code), 0, { attempts: 2 });
  return {
    plain: twice,
    post: twice,
    retry: twice,
    guarded: { ...twice, circuit: 'open' },
    keyed: { ...twice, again: { gets: refused(code), asked: 0 } },
    fallback: gets(fallback(code), 0, { attempts: 2 }),
    enforce: twice,
  };
}

export const connecting: Group = {
  title: 'While the connection is being made',
  faults: [
    {
      id: 'refused',
      what: 'Nobody listens at the upstream',
      promise:
        'RT-2: nothing was sent, so it is tried twice, whatever the method. ID-4: the key stays free. CB-2: a failure. FB-1: a trigger',
      to: 'refusing',
      upstream: [],
      client: ASKS,
      expect: unsent('UPSTREAM_REFUSED'),
    },
    {
      id: 'not-accepted',
      what: 'The upstream listens and takes no connection (its backlog is full)',
      promise: 'DL-4: each try is given up after the connect timeout. RT-2, ID-4, CB-2, FB-1: as where nobody listens',
      to: 'full',
      limits: 'short',
      upstream: [],
      client: ASKS,
      expect: unsent('CONNECT_TIMEOUT'),
    },
    ...WAYS.map(
      ({ way, name, step }): Fault => ({
        id: `${way}-on-connect`,
        what: `The upstream ends each connection as soon as it is made (${name})`,
        promise: 'RT-3: a reset may be tried again where the request may be repeated; a POST of which a byte was written may not',
        always: true,
        upstream: [step],
        client: ASKS,
        // Whether the request was written before the end came is a matter of microseconds: how often it was tried is not promised.
        expect: {
          plain: gets(refused('UPSTREAM_RESET'), 'any'),
          guarded: gets(refused('UPSTREAM_RESET'), 'any', { circuit: 'open' }),
          fallback: gets(fallback('UPSTREAM_RESET'), 'any'),
        },
      }),
    ),
    {
      id: 'accepted-and-silent',
      what: 'The upstream takes the connection and nothing more: a black hole',
      promise:
        'DL-5: a try is given up when its time is over. RT-3: then it is repeated, if it may be. ID-4: sent and unanswered is unknown',
      limits: 'short',
      upstream: [SILENCE],
      client: ASKS,
      expect: {
        plain: gets(refused('UPSTREAM_TIMEOUT'), 1),
        post: gets(refused('UPSTREAM_TIMEOUT'), 1),
        guarded: gets(refused('UPSTREAM_TIMEOUT'), 2, { circuit: 'open' }),
        keyed: gets(refused('UPSTREAM_TIMEOUT'), 1, { again: { gets: refused('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'), asked: 1 } }),
        fallback: gets(fallback('UPSTREAM_TIMEOUT'), 1),
      },
    },
  ],
};
