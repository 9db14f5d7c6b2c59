import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { FakeKube, SECRETS } from '../../../test/kit/kube-api.ts';
import { FixedRandom } from '../../../test/kit/random.ts';
import { CALL_TIMEOUT_MS } from './call.ts';
import { inCluster } from './in-cluster.ts';
import { KubeApi } from './kube-api.ts';
import { KubeError } from './kube-error.ts';

const SECRET = { metadata: { name: 's' }, data: { a: 'MQ==' } };

let kube: FakeKube;
let clock: FakeClock;
let ending: AbortController;
let api: KubeApi;
beforeEach(async () => {
  kube = await FakeKube.start(Date.now());
  clock = new FakeClock();
  ending = new AbortController();
  api = new KubeApi({ server: kube.api, timers: clock, random: new FixedRandom(), signal: ending.signal });
});
afterEach(() => kube.stop());

/** Lets waits between attempts pass at once, and notes how long they were; a call's own time limit stands still. */
async function driven<T>(work: Promise<T>, waits: number[] = []): Promise<T> {
  let isOver = false;
  const watched = work.finally(() => {
    isOver = true;
  });
  watched.catch(() => undefined);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const { nextInMs } = clock;
    if (nextInMs === undefined || nextInMs >= CALL_TIMEOUT_MS) continue;
    waits.push(nextInMs);
    clock.advance(nextInMs);
  }
  return watched;
}

const message = (work: Promise<unknown>): Promise<string> =>
  driven(work).then(
    () => 'no error',
    (error: unknown) => (error instanceof KubeError ? error.message : `not a KubeError: ${String(error)}`),
  );

describe('what is there', () => {
  it('is read, made and changed, with the token of the service account', async () => {
    expect(await api.get(`${SECRETS}/s`)).toBeUndefined();
    expect(await api.create(SECRETS, SECRET)).toBe('created');
    const resourceVersion = kube.secret('s')?.metadata.resourceVersion;
    expect(await api.patch(`${SECRETS}/s`, 'merge', { metadata: { resourceVersion }, data: { b: 'Mg==' } })).toBe('patched');
    expect(await api.get(`${SECRETS}/s`)).toMatchObject({ data: { a: 'MQ==', b: 'Mg==' } });
    expect(kube.calls.map(({ method, type, token }) => [method, type, token])).toEqual([
      ['GET', '', 'token-1'],
      ['POST', 'application/json', 'token-1'],
      ['PATCH', 'application/merge-patch+json', 'token-1'],
      ['GET', '', 'token-1'],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('already is no error, and neither is one that changed meanwhile or is gone', async () => {
    kube.put(SECRETS, SECRET);
    expect(await api.create(SECRETS, SECRET)).toBe('exists');
    const stale = { metadata: { resourceVersion: '1' }, data: {} };
    expect(await api.patch(`${SECRETS}/s`, 'merge', stale)).toBe('conflict');
    expect(await api.patch(`${SECRETS}/gone`, 'merge', stale)).toBe('conflict');
    expect(kube.calls).toHaveLength(3);
  });

  it('is asked for with the token that is in the file by now', async () => {
    await api.get(`${SECRETS}/s`);
    kube.rotateToken('token-2', 'told');
    expect(await api.get(`${SECRETS}/s`)).toBeUndefined();
    expect(kube.calls.at(-1)?.token).toBe('token-2');
  });
});

describe('an attempt is followed by another', () => {
  it.each([429, 500, 503])('after %d, later each time', async (status) => {
    let answers = 0;
    kube.interfere = (_, response) => {
      if (++answers === 4) return undefined;
      response.writeHead(status).end('{}');
      return 'answered';
    };
    const waits: number[] = [];
    expect(await driven(api.get(`${SECRETS}/s`), waits)).toBeUndefined();
    expect(waits).toEqual([100, 200, 400]);
  });

  it('not before the API server wants it, and no later than in 8 s', async () => {
    const wanted = ['3', '4000'];
    kube.interfere = (_, response) => {
      const seconds = wanted.shift();
      if (seconds === undefined) return undefined;
      response.writeHead(429, { 'Retry-After': seconds }).end();
      return 'answered';
    };
    const work = api.get(`${SECRETS}/s`);
    for (const ms of [3000, 8000]) {
      await expect.poll(() => clock.nextInMs).toBe(ms);
      clock.advance(ms);
    }
    expect(await work).toBeUndefined();
  });

  it('where the connection breaks', async () => {
    let calls = 0;
    kube.interfere = (_, response) => {
      if (++calls > 2) return undefined;
      response.destroy();
      return 'answered';
    };
    expect(await driven(api.get(`${SECRETS}/s`))).toBeUndefined();
    expect(calls).toBe(3);
  });

  it('four times in all', async () => {
    kube.interfere = (_, response) => {
      response.writeHead(503).end('upstream connect error');
      return 'answered';
    };
    expect(await message(api.get(`${SECRETS}/s`))).toBe(`GET ${SECRETS}/s: answered 503`);
    expect(kube.calls).toHaveLength(4);
  });
});

describe('it is said what is wrong', () => {
  it('where a right is missing, at once and in the words of the API server', async () => {
    kube.interfere = (_, response) => {
      response.writeHead(403).end(JSON.stringify({ message: `secrets is forbidden: ${'x'.repeat(1000)}` }));
      return 'answered';
    };
    const said = await message(api.create(SECRETS, SECRET));
    expect(said).toMatch(/^POST \S+: answered 403: secrets is forbidden: x+$/);
    expect(said.length).toBeLessThan(420);
    expect(kube.calls).toHaveLength(1);
  });

  it('where the token is no longer good', async () => {
    kube.rotateToken('token-2', 'not told');
    expect(await message(api.get(`${SECRETS}/s`))).toBe(`GET ${SECRETS}/s: answered 401: Unauthorized`);
  });

  it.each([
    ['an answer that is no JSON', '<html>', /the answer 200 is no JSON object/],
    ['an answer that is no object', '7', /the answer 200 is no JSON object/],
    ['an answer without end', 'x'.repeat(5 * 1024 * 1024), /an answer of more than 4194304 bytes/],
  ])('where there is %s', async (_, body, expected) => {
    kube.interfere = (__, response) => {
      response.on('error', () => undefined);
      response.writeHead(200).end(body);
      return 'answered';
    };
    expect(await message(api.get(`${SECRETS}/s`))).toMatch(expected);
  });

  it('where nothing is answered for 10 s', async () => {
    kube.interfere = () => 'answered';
    const said = message(api.get(`${SECRETS}/s`));
    for (let attempt = 1; attempt <= 4; attempt++) {
      await expect.poll(() => kube.calls.length).toBe(attempt);
      clock.advance(CALL_TIMEOUT_MS);
    }
    expect(await said).toBe(`GET ${SECRETS}/s: no answer within 10 s`);
  });

  it('where the certificate of the API server is not of the authority in the file', async () => {
    const elsewhere = await FakeKube.start(Date.now());
    try {
      writeFileSync(
        join(kube.accountDir, 'ca.crt'),
        await import('node:fs').then((fs) => fs.readFileSync(join(elsewhere.accountDir, 'ca.crt'))),
      );
      expect(await message(api.get(`${SECRETS}/s`))).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|SIGNATURE_FAILURE/);
      expect(kube.calls).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it.each(['token', 'ca.crt'])('where %s is not mounted', async (file) => {
    rmSync(join(kube.accountDir, file));
    expect(await message(api.get(`${SECRETS}/s`))).toMatch(
      new RegExp(`${file} cannot be read \\(ENOENT\\): is the service account's token mounted`),
    );
  });
});

it('what waits is given up when the injector ends', async () => {
  kube.interfere = (_, response) => {
    response.writeHead(503).end();
    return 'answered';
  };
  const said = api.get(`${SECRETS}/s`).catch((error: Error) => error.message);
  await expect.poll(() => clock.nextInMs).toBe(100);
  ending.abort();
  expect(await said).toMatch(/given up, as the injector ends/);
  expect(clock.pending).toBe(0);
});

it.each([{}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: 'tcp://x' }])(
  'outside a cluster (%j) is said',
  (env) => {
    expect(() => inCluster(env)).toThrow(/not in a pod\?/);
  },
);
