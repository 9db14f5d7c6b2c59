import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pass } from '../kit/timing.ts';
import { readScenario } from '../scenarios/read.ts';
import { setUp } from '../scenarios/run.ts';

const MOST_REPETITIONS = 40;

const FOLDER = join(import.meta.dirname, 'contracts');

/** Contracts in the shape of large ones that people have, and what goes over the wire there: written as in `test/scenarios`, the contract in a file of its own. */
describe.each(['payments', 'cluster'])('%s', (name) => {
  const traffic = readFileSync(join(FOLDER, `${name}.txt`), 'utf8');
  const [head = '', ...rest] = traffic.split(/^(?=--- )/m);
  const document = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');
  const scenario = readScenario(`${name}.txt`, `${head}--- document\n${document}\n${rest.join('')}`);
  const stage = setUp(scenario);
  afterAll(() => stage[Symbol.asyncDispose]());

  it('has more than 25 exchanges of all three kinds', () => {
    expect(scenario.exchanges.length).toBeGreaterThan(25);
    expect(new Set(scenario.exchanges.map(({ kind }) => kind))).toEqual(new Set(['valid', 'invalid', 'edge']));
  });

  for (const exchange of scenario.exchanges) {
    it(`${exchange.kind}: ${exchange.title}`, async () => {
      let seen = await stage.play(exchange);
      // A machine that does other work may hold the gateway up so long that it skips what observes; that says nothing about the contract.
      for (let i = 0; i < MOST_REPETITIONS && seen.got.some((line) => line.endsWith('skipped overload')); i++) {
        await pass(100);
        seen = await stage.play(exchange);
      }
      const { expected, got, wrong } = seen;
      expect({ got, wrong }).toEqual({ got: expected, wrong: [] });
    });
  }
});
