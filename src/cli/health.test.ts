import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { health } from './health.ts';
import { UsageError } from './output.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-health-'));
const open: Server[] = [];
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

interface Asked {
  readonly port: string;
  readonly paths: string[];
}

/** An admin server that answers with that status; undefined: never. */
async function admin(status: number | undefined): Promise<Asked> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    if (status !== undefined) response.writeHead(status).end('{}');
  });
  open.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: String((server.address() as AddressInfo).port), paths };
}

async function ask(flags: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}, timeoutMs = 5000) {
  let err = '';
  const silent = { write: () => true };
  const code = await health(flags, { stdout: silent, stderr: { write: (text) => (err += text) }, env, cwd: dir }, timeoutMs);
  return { code, err };
}

const configuration = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return name;
};

const routes = 'listeners: { in: {} }\nroutes: [{ name: a, listener: in, upstream: "http://127.0.0.1:3000" }]\n';

test('a gateway that is ready is 0, without a word', async () => {
  const { port, paths } = await admin(200);
  expect(await ask({ adminPort: port })).toEqual({ code: 0, err: '' });
  expect(paths).toEqual(['/readyz']);
});

test('one that is not is 1, with what it answered', async () => {
  const { port } = await admin(503);
  expect(await ask({ adminPort: port })).toEqual({ code: 1, err: `plumbline: http://127.0.0.1:${port}/readyz answered 503\n` });
});

test('nobody there is 1', async () => {
  const { port } = await admin(200);
  await new Promise((done) => open.splice(0)[0]?.close(done));
  expect(await ask({ adminPort: port })).toEqual({
    code: 1,
    err: `plumbline: http://127.0.0.1:${port}/readyz cannot be asked: ECONNREFUSED\n`,
  });
});

test('one that does not answer in time is 1', async () => {
  const { port } = await admin(undefined);
  const { code, err } = await ask({ adminPort: port }, {}, 50);
  expect({ code, err }).toEqual({ code: 1, err: `plumbline: http://127.0.0.1:${port}/readyz did not answer within 50 ms\n` });
});

test('the variables of run say where, and every address means the nearest', async () => {
  const { port } = await admin(200);
  expect(await ask({}, { PLUMBLINE_ADMIN_PORT: port, PLUMBLINE_ADMIN_HOST: '0.0.0.0' })).toEqual({ code: 0, err: '' });
  expect(await ask({}, { PLUMBLINE_ADMIN_PORT: port, PLUMBLINE_ADMIN_HOST: '::' })).toEqual({ code: 0, err: '' });
});

test('the configuration says where', async () => {
  const { port } = await admin(200);
  const config = configuration('fine.yaml', `admin: { port: ${port} }\n${routes}`);
  expect(await ask({ config })).toEqual({ code: 0, err: '' });
});

test('a configuration that is a variable says where', async () => {
  const { port } = await admin(200);
  expect(await ask({}, { PLUMBLINE_CONFIG_YAML: `admin: { port: ${port} }\n${routes}` })).toEqual({ code: 0, err: '' });
});

test('a configuration that has become wrong since the start makes nobody ill', async () => {
  const { port } = await admin(200);
  const config = configuration('wrong.yaml', `admin: { port: x }\n${routes}`);
  expect(await ask({ config, adminPort: port })).toEqual({ code: 0, err: '' });
});

test('what is no address is wrong usage', async () => {
  await expect(ask({ adminPort: 'x' })).rejects.toThrow(UsageError);
});
