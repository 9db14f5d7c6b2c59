import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { UsageError } from './output.ts';
import { retire } from './retire.ts';

interface Said {
  readonly method: string;
  readonly url: string;
  readonly type: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

async function say(status: number, answer: string, env: Readonly<Record<string, string>> = {}) {
  const said: Said[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      said.push({ method, url, type: headers['content-type'] ?? '', authorization: headers.authorization, body });
      response.writeHead(status).end(answer);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  let out = '';
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: () => true },
    env: { PLUMBLINE_ADMIN_PORT: String(port), PLUMBLINE_ADMIN_HOST: '127.0.0.1', ...env },
    cwd: '/',
  };
  try {
    const code = await retire({}, io);
    return { code, out, said };
  } finally {
    await new Promise((done) => server.close(done));
  }
}

test('the gateway on this machine is told', async () => {
  const { code, out, said } = await say(200, '{"retiring":true}');
  expect([code, out]).toEqual([0, 'the gateway lets go of its clients; it serves on until SIGTERM\n']);
  expect(said).toEqual([{ method: 'POST', url: '/api/retire', type: 'application/json', authorization: undefined, body: '{}' }]);
});

test('with its token', async () => {
  const { said } = await say(200, '{}', { PLUMBLINE_ADMIN_TOKEN: 'abc' });
  expect(said[0]?.authorization).toBe('Bearer abc');
});

test('one that does not take it is said', async () => {
  await expect(say(404, '{}')).rejects.toThrow(UsageError);
});
