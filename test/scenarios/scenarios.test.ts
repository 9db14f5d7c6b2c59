/** Black-box scenarios: what goes over the wire, and what an operator then sees. README.md says how to add one. */
import { afterAll, describe, expect, it } from 'vitest';
import { scenarioAt, scenarioFiles } from './files.ts';
import type { Scenario } from './read.ts';
import { setUp } from './run.ts';

describe.each(scenarioFiles())('%s', (file) => {
  let scenario: Scenario;
  try {
    scenario = scenarioAt(file);
  } catch (error) {
    it('can be read', () => {
      throw error;
    });
    return;
  }
  const stage = setUp(scenario);
  afterAll(() => stage[Symbol.asyncDispose]());
  for (const exchange of scenario.exchanges) {
    it(`${exchange.kind}: ${exchange.title} (line ${exchange.line})`, async () => {
      const { expected, got, wrong } = await stage.play(exchange);
      expect({ got, wrong }).toEqual({ got: expected, wrong: [] });
    });
  }
});
