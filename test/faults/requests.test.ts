/** HY-1 to HY-3, EV-3, EV-4, EV-9: what clients send. The cases are in `requests/*.txt`. */
import { afterAll, describe, expect, test } from 'vitest';
import { Arenas } from './arenas.ts';
import { loadRequests } from './corpus.ts';
import { playRequest } from './play.ts';

const arenas = new Arenas();
afterAll(() => arenas.close());

const byFile = Map.groupBy(loadRequests(), ({ file }) => file);

describe.each([...byFile])('%s', (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))(
    '%s',
    async (_name, one) => {
      expect(await arenas.play(one.config, (arena) => playRequest(arena, one))).toEqual([]);
    },
    60_000,
  );
});

test('no case of them all found a bug of the gateway’s own', async () => {
  expect(await arenas.internalErrors()).toBe(0);
});
