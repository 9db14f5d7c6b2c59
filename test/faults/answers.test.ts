/** HY-4, EV-5, EV-7, EV-10: what upstreams answer. The cases are in `answers/*.txt`. */
import { afterAll, describe, expect, test } from 'vitest';
import { Arenas } from './arenas.ts';
import { loadAnswers } from './corpus.ts';
import { playAnswer } from './play.ts';

const arenas = new Arenas();
afterAll(() => arenas.close());

const byFile = Map.groupBy(loadAnswers(), ({ file }) => file);

describe.each([...byFile])('%s', (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))(
    '%s',
    async (_name, one) => {
      expect(await arenas.play(one.config, (arena) => playAnswer(arena, one))).toEqual([]);
    },
    60_000,
  );
});

test('no case of them all found a bug of the gateway’s own', async () => {
  expect(await arenas.internalErrors()).toBe(0);
});
