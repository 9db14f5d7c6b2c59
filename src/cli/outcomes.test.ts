import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { OutcomeItem } from '../core/views.ts';
import { program } from './program.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-outcomes-'));
const open: Server[] = [];
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

type Answering = (asked: Asked) => { readonly status?: number; readonly body: unknown };

/** An admin server that answers so; and what it was asked. */
async function admin(answering: Answering): Promise<{ readonly url: string; readonly port: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void read(request).then((one) => {
      asked.push(one);
      const { status = 200, body } = answering(one);
      response.writeHead(status, { 'Content-Type': 'application/json', ...(status === 302 && { Location: '/' }) });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  open.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = String((server.address() as AddressInfo).port);
  return { url: `http://127.0.0.1:${port}`, port, asked };
}

async function read(request: IncomingMessage): Promise<Asked> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { authorization, 'content-type': type } = request.headers;
  return { method: request.method ?? '', url: request.url ?? '', authorization, type, body };
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

async function call(
  argv: readonly string[],
  { env = {}, ...terminal }: Terminal = {},
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await program(argv, {
    stdout: { write: (text) => (out += text), ...terminal },
    stderr: { write: (text) => (err += text) },
    env,
    cwd: dir,
  });
  return { code, out, err };
}

const item = (more: Partial<OutcomeItem> = {}): OutcomeItem => ({
  id: 'a1b2c3d4-7',
  at: '2026-11-21T20:15:07.123Z',
  api: 'billing',
  route: 'billing',
  operation: 'createPayment',
  method: 'POST',
  path: '/v1/payments',
  requestId: 'req-1',
  correlationId: 'cor-1',
  traceId: '',
  consumer: { name: 'web-shop', version: '1.4.2' },
  reason: 'UPSTREAM_TIMEOUT',
  upstream: 'http://127.0.0.1:3000',
  sent: 'all',
  attempts: 1,
  keyHash: '',
  state: 'open',
  ...more,
});

const ITEMS = [
  item(),
  item({
    id: 'a1b2c3d4-6',
    operation: '_unmatched',
    method: 'DELETE',
    path: '/v1/a/rather/long/path/to/something',
    reason: 'CLIENT_CLOSED',
  }),
  item({
    id: 'a1b2c3d4-5',
    consumer: { name: 'bad\u001b[31mname', version: '' },
    state: 'settled',
    settledAs: 'not_executed',
    settledAt: '2026-11-21T21:00:00.000Z',
    note: 'asked the service\nnothing there',
  }),
];

const golden = (name: string): string => readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8');
const all =
  (items: readonly OutcomeItem[]): Answering =>
  () => ({ body: { items, next: null } });

describe('plumbline outcomes', () => {
  it('lists the open ones, whole where nobody looks at a terminal', async () => {
    const { url, asked } = await admin(all(ITEMS.slice(0, 2)));
    expect(await call(['outcomes', '--admin', url])).toEqual({ code: 0, out: golden('outcomes'), err: '' });
    expect(asked.map((one) => one.url)).toEqual(['/api/outcomes?limit=1000&state=open']);
  });

  it('fits a terminal: the widest columns are cut, never the id', async () => {
    const { url } = await admin(all(ITEMS));
    const { out } = await call(['outcomes', '--admin', url, '--state', 'all'], { isTTY: true, columns: 80, env: { NO_COLOR: '1' } });
    expect(out).toBe(golden('outcomes-80'));
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const narrow = await call(['outcomes', '--admin', url, '--state', 'all'], { isTTY: true, columns: 10, env: { NO_COLOR: '1' } });
    expect(narrow.out).toContain('a1b2c3d4-7');
  });

  it('has colours on a terminal only, and shows control characters of strangers', async () => {
    const { url } = await admin(all(ITEMS));
    const plain = await call(['outcomes', '--admin', url, '--state', 'all']);
    expect(plain.out).toBe(golden('outcomes-all'));
    const coloured = await call(['outcomes', '--admin', url, '--state', 'all'], { isTTY: true, columns: 200 });
    const [head = ''] = coloured.out.split('\n');
    expect([head.startsWith('\u001b[2mID '), head.endsWith('\u001b[0m')]).toEqual([true, true]);
    expect(coloured.out.split('\n').slice(1).join('')).not.toContain('\u001b');
  });

  it.each([
    [[], 'no open outcomes\n', 'state=open'],
    [['--state', 'settled'], 'no settled outcomes\n', 'state=settled'],
    [['--state', 'all', '--api', 'billing'], 'no outcomes of billing\n', 'api=billing'],
  ])('%j: where there are none it says so', async (flags, out, query) => {
    const { url, asked } = await admin(all([]));
    expect(await call(['outcomes', '--admin', url, ...flags])).toEqual({ code: 0, out, err: '' });
    expect(asked[0]?.url).toContain(query);
  });

  it('--json: one document, all that is known', async () => {
    const { url } = await admin(all(ITEMS));
    const { code, out } = await call(['outcomes', '--admin', url, '--json', '--state', 'all']);
    expect([code, JSON.parse(out)]).toEqual([0, { items: ITEMS }]);
  });

  it('follows the pages to the end, and no further than any ledger is long', async () => {
    const pages = (last: number): Answering => {
      let n = 0;
      return () => {
        n += 1;
        return { body: { items: [item({ id: `a-${n}` })], next: n < last ? `a-${n}` : null } };
      };
    };
    const three = await admin(pages(3));
    const { out, err } = await call(['outcomes', '--admin', three.url]);
    expect([out.match(/^a-\d/gm), err]).toEqual([['a-1', 'a-2', 'a-3'], '']);
    expect(three.asked.map((one) => new URL(one.url, 'http://x').searchParams.get('after'))).toEqual([null, 'a-1', 'a-2']);
    const endless = await admin(pages(Number.POSITIVE_INFINITY));
    const much = await call(['outcomes', '--admin', endless.url, '--json']);
    expect([endless.asked.length, much.err]).toEqual([101, 'plumbline: there are more than these 101\n']);
  });
});

describe('plumbline outcomes settle', () => {
  it('says what became of one', async () => {
    const { url, asked } = await admin(() => ({ body: ITEMS[2] }));
    const said = await call(['outcomes', 'settle', 'a1b2c3d4-5', '--as', 'not-executed', '--note', 'asked', '--admin', url]);
    expect(said).toEqual({ code: 0, out: 'a1b2c3d4-5 is settled: not-executed\n', err: '' });
    expect(asked).toEqual([
      {
        method: 'POST',
        url: '/api/outcomes/a1b2c3d4-5/settle',
        authorization: undefined,
        type: 'application/json',
        body: '{"as":"not_executed","note":"asked"}',
      },
    ]);
  });

  it('takes the address before the word too, and gives JSON', async () => {
    const { url, asked } = await admin(() => ({ body: ITEMS[2] }));
    const said = await call(['outcomes', '--admin', url, '--json', 'settle', 'a1b2c3d4-5', '--as', 'executed']);
    expect([said.code, JSON.parse(said.out), asked[0]?.body]).toEqual([0, ITEMS[2], '{"as":"executed"}']);
  });

  it.each([
    [['settle', 'a-1'], /--as is needed: executed or not-executed/],
    [['settle', 'a-1', '--as', 'perhaps'], /--as takes executed or not-executed, not "perhaps"/],
    [['settle', '../x', '--as', 'executed'], /"..\/x" is no id/],
    [['settle', '--as', 'executed'], /missing required argument 'id'/],
    [['--state', 'closed'], /--state takes open, settled or all, not "closed"/],
    [['--admin', 'ftp://127.0.0.1'], /--admin takes an address like http:\/\/127\.0\.0\.1:7090, not "ftp:\/\/127.0.0.1"/],
    [['--admin', 'http://127.0.0.1:7090/api'], /takes an address like/],
    [['--admin', 'http://u:s3cr3t@127.0.0.1:1'], /not "http:\/\/\*\*\*@127\.0\.0\.1:1"/],
    [['--admin', ''], /takes an address like/],
    [['--token', 'two words', '--admin', '127.0.0.1:1'], /--token is no bearer token/],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, out, err } = await call(['outcomes', ...argv]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
});

describe('the gateway that is asked', () => {
  const config = (port: string): string => {
    const routes = 'listeners: { in: {} }\nroutes: [{ name: a, listener: in, upstream: "http://127.0.0.1:3000" }]\n';
    writeFileSync(join(dir, 'plumbline.yaml'), `admin: { port: ${port}, token: from-the-file }\n${routes}`);
    return join(dir, 'plumbline.yaml');
  };

  it('is the one of this machine, with its token', async () => {
    const { port, asked } = await admin(all([]));
    const file = config(port);
    await call(['outcomes']);
    rmSync(file);
    await call(['outcomes'], { env: { PLUMBLINE_ADMIN_PORT: port, PLUMBLINE_ADMIN_TOKEN: 'from-the-variable' } });
    await call(['outcomes', '--token', 'given'], { env: { PLUMBLINE_ADMIN_PORT: port, PLUMBLINE_ADMIN_TOKEN: 'from-the-variable' } });
    expect(asked.map((one) => one.authorization)).toEqual(['Bearer from-the-file', 'Bearer from-the-variable', 'Bearer given']);
  });

  it('is said where the configuration that names it has become wrong', async () => {
    const { port } = await admin(all([]));
    const file = config('1, prot: 2');
    const { code, err } = await call(['outcomes'], { env: { PLUMBLINE_ADMIN_PORT: port } });
    rmSync(file);
    expect({ code, err }).toEqual({
      code: 0,
      err: `plumbline: plumbline.yaml cannot be used, plumbline check says why; http://127.0.0.1:${port} is asked\n`,
    });
  });

  it('is the one that is named, and gets no token that was not meant for it', async () => {
    const { port, asked } = await admin(all([]));
    const file = config('1');
    await call(['outcomes', '--admin', `127.0.0.1:${port}`], { env: { PLUMBLINE_ADMIN_TOKEN: 'of-this-machine' } });
    await call(['outcomes'], { env: { PLUMBLINE_ADMIN: `http://127.0.0.1:${port}/`, PLUMBLINE_TOKEN: 'for-it' } });
    rmSync(file);
    expect(asked.map((one) => one.authorization)).toEqual([undefined, 'Bearer for-it']);
  });

  it('that is not there: says how to name it', async () => {
    const { port } = await admin(all([]));
    await new Promise((done) => open.splice(0)[0]?.close(done));
    const { code, err } = await call(['outcomes', '--admin', `localhost:${port}`]);
    expect(code).toBe(2);
    expect(err).toBe(
      `plumbline: http://localhost:${port} cannot be asked: ECONNREFUSED; the address of the admin server, \`admin\` in the configuration, is said by --admin http://host:port (PLUMBLINE_ADMIN)\n`,
    );
  });

  it.each([
    [{ status: 401, body: { type: 'about:blank', detail: 'x' } }, 'wants its admin token: --token, or better PLUMBLINE_TOKEN\n'],
    [{ status: 404, body: { type: 'about:blank', detail: 'no such outcome' } }, 'answered 404: no such outcome\n'],
    [{ status: 404, body: { type: 'https://plumbline.dev/errors/x', detail: 'y' } }, 'answered 404 as no admin server of Plumbline does; '],
    [{ status: 200, body: '<html>' }, 'answered 200 as no admin server of Plumbline does; '],
    [{ status: 302, body: '{}' }, 'cannot be asked: unexpected redirect; '],
  ])('that answers %j', async (answer, message) => {
    const { url } = await admin(() => answer);
    const { code, out, err } = await call(['outcomes', 'settle', 'a-1', '--as', 'executed', '--admin', url]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.startsWith(`plumbline: ${url} ${message}`)).toBe(true);
  });
});
