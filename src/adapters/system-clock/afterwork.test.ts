import { expect, it } from 'vitest';
import { LoopAfterwork } from './afterwork.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('works off what was added, in order, after the turn, and what is added meanwhile in the next; a fault stops nothing', async () => {
  const done: string[] = [];
  const errors: unknown[] = [];
  const afterwork = new LoopAfterwork((error) => errors.push(error));
  const task = (name: string) => ({ work: () => void done.push(name) });
  afterwork.add(task('a'));
  afterwork.add({
    work: () => {
      afterwork.add(task('c'));
      throw new Error('planted');
    },
  });
  afterwork.add(task('b'));
  await Promise.resolve();
  expect(done).toEqual([]);
  await turn();
  await turn();
  expect([done, errors.length]).toEqual([['a', 'b', 'c'], 1]);
});
