import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestGateway, startTestGateway } from '../kit/gateway.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

let open: Origin;
let guarded: Origin;
let gateways: Readonly<Record<'reject' | 'normalise', TestGateway>>;

beforeAll(async () => {
  [open, guarded] = await Promise.all([startOrigin(), startOrigin()]);
  const routes = [
    { name: 'open', listener: 'main', upstream: open.url },
    { name: 'guarded', listener: 'main', match: { path: '/admin' }, upstream: guarded.url },
  ];
  const start = (paths: string) => startTestGateway({ upstream: open.port, sections: { routes, hygiene: { paths } } });
  gateways = { reject: await start('reject'), normalise: await start('normalise') };
});

afterAll(async () => {
  for (const part of [gateways.reject, gateways.normalise, open, guarded]) await part[Symbol.asyncDispose]();
});

/** The status and, where the request came through, who got it and what its target was. */
async function sent(mode: 'reject' | 'normalise', target: string): Promise<string> {
  const before = [open.requests.length, guarded.requests.length];
  const { status, body } = await exchangeRaw(gateways[mode].port, [`GET ${target} HTTP/1.1`, 'Host: x']);
  if (status === 400) expect(JSON.parse(body.toString())).toMatchObject({ code: 'MALFORMED_REQUEST', title: 'Malformed request' });
  const seen = [
    ...open.requests.slice(before[0]).map((request) => `open ${request.target}`),
    ...guarded.requests.slice(before[1]).map((request) => `guarded ${request.target}`),
  ];
  return seen.length === 0 ? String(status) : seen.join(', ');
}

test.each([
  ['/a/../admin', 'guarded /admin'],
  ['/a/%2e%2E/admin/x?y=../z', 'guarded /admin/x?y=../z'],
  ['/a%2f..%2fadmin', 'guarded /admin'],
  ['/a\\..\\admin', 'guarded /admin'],
  ['/a%5c..%5Cadmin?', 'guarded /admin?'],
  ['http://x/a/../admin', 'guarded /admin'],
  ['/admin/../b', 'open /b'],
  ['/admin/..', 'open /'],
  ['/./', 'open /'],
])('HY-2: %s is refused, or goes where its normal form goes: %s', async (target, normal) => {
  expect(await sent('reject', target)).toBe('400');
  expect(await sent('normalise', target)).toBe(normal);
});

test.each(['/admin/..;/b', '/a/%2e.;x', '/a%00b'])('HY-2: %s has no normal form', async (target) => {
  expect(await sent('reject', target)).toBe('400');
  expect(await sent('normalise', target)).toBe('400');
});

test.each([
  ['/%61dmin', 'guarded /%61dmin', 'guarded /admin'],
  ['/adm%69n/x', 'guarded /adm%69n/x', 'guarded /admin/x'],
  ['/%61dmin/%zz', 'guarded /%61dmin/%zz', 'guarded /admin/%25zz'],
  ['/100%?%', 'open /100%?%', 'open /100%25?%'],
  ['/a%252fb', 'open /a%252fb', 'open /a%252fb'],
  ['//admin', 'open //admin', 'open //admin'],
  ['/.well-known/a..b/...', 'open /.well-known/a..b/...', 'open /.well-known/a..b/...'],
  ['/a?b/../%2f\\', 'open /a?b/../%2f\\', 'open /a?b/../%2f\\'],
  ['/caf%c3%a9', 'open /caf%c3%a9', 'open /caf%C3%A9'],
])('HY-2: %s is one path to all who read it', async (target, kept, normal) => {
  expect(await sent('reject', target)).toBe(kept);
  expect(await sent('normalise', target)).toBe(normal);
});

test('HY-2: a refusal says what is wrong with the path, and the log has it as it came', async () => {
  const answer = await exchangeRaw(gateways.reject.port, ['GET /a/../only-here HTTP/1.1', 'Host: x']);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ detail: 'the path of the target has a dot segment' });
  const line = await gateways.reject.log.one(({ path }) => path.endsWith('/only-here'));
  expect(line).toMatchObject({ path: '/a/../only-here', route: '_none', code: 'MALFORMED_REQUEST' });
});
