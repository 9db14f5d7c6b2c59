import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { root } from '../lint/tree.ts';
import { commitOf } from './commit.ts';

const [head = '', committed = ''] = execFileSync('git', ['log', '-1', '--format=%H %ct'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split(' ');

test.each([
  [
    { PLUMBLINE_REVISION: 'r1', SOURCE_DATE_EPOCH: '1700000000' },
    { revision: 'r1', epochSeconds: 1_700_000_000 },
  ],
  [{}, { revision: head, epochSeconds: Number(committed) }],
  [
    { PLUMBLINE_REVISION: '', SOURCE_DATE_EPOCH: '' },
    { revision: head, epochSeconds: Number(committed) },
  ],
  [{ SOURCE_DATE_EPOCH: '0' }, { revision: head, epochSeconds: 0 }],
  [{ PLUMBLINE_REVISION: head }, { revision: head, epochSeconds: Number(committed) }],
  [{ PLUMBLINE_REVISION: 'r1' }, { revision: 'r1', epochSeconds: 0 }],
])('%j', (env, commit) => {
  expect(commitOf(root, env)).toEqual(commit);
});

test('without git there is neither', () => {
  expect(commitOf(tmpdir(), {})).toEqual({ revision: '', epochSeconds: 0 });
});

test.each(['1.7e9', '-1', 'yesterday', '2026-11-22', '1234567890123'])('SOURCE_DATE_EPOCH=%s stops the build', (seconds) => {
  expect(() => commitOf(root, { SOURCE_DATE_EPOCH: seconds })).toThrow(/seconds since 1970, not/);
});
