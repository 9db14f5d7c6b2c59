import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { program } from './program.ts';

async function call(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await program(argv, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
    cwd: import.meta.dirname,
  });
  return { code, out, err };
}

test('--help and --version are 0, on stdout', async () => {
  const help = await call('--help');
  expect(help).toMatchObject({ code: 0, err: '' });
  for (const word of ['run', 'check', 'demo', 'Examples', 'Exit codes']) expect(help.out).toContain(word);
  expect(await call('--version')).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
  const run = await call('run', '--help');
  expect(run.out).toContain('--admin-port');
  expect(run.out).toContain('PLUMBLINE_ADMIN_PORT');
});

test.each([
  [['frobnicate'], /unknown command 'frobnicate'/],
  [['chek', 'x'], /Did you mean check/],
  [['run', '--no-such-flag'], /unknown option/],
  [['run', '--config'], /argument missing/],
  [['run', 'stray'], /too many arguments/],
  [['check'], /missing required argument/],
  [['run'], /nothing to run/],
  [['demo', '--port', 'x'], /--port takes a port/],
  [[], /Usage: plumbline/],
])('%j is wrong usage: 2, on stderr', async (argv, message) => {
  const { code, out, err } = await call(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(message);
});
