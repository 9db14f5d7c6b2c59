import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from './load.ts';

const EXAMPLES = join(import.meta.dirname, '../../config');

test('files that cannot be read are problems with their name', async () => {
  const load = (file: string) => loadConfiguration({ file, cwd: import.meta.dirname, env: {} });
  expect((await load('absent.yaml')).problems).toMatchObject([
    { code: 'unreadable', file: 'absent.yaml', message: 'there is no such file' },
  ]);
  expect((await load('.')).problems).toMatchObject([{ code: 'unreadable', message: 'is a directory' }]);
  expect((await load('/dev/zero')).problems).toMatchObject([{ code: 'unreadable', message: 'is larger than 4 MiB' }]);
});

test('the examples are sound', async () => {
  for (const file of ['minimal.yaml', 'full.yaml']) {
    const { problems, settings: got } = await loadConfiguration({ file, cwd: EXAMPLES, env: {} });
    expect(problems, file).toEqual([]);
    expect(got?.routes[0]?.name).toBe('billing');
    expect(readFileSync(join(EXAMPLES, file), 'utf8')).toContain('$schema=plumbline.schema.json');
  }
});
