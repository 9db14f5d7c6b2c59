import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { FakeKube, SECRETS, WEBHOOKS, webhookConfiguration } from '../../../test/kit/kube-api.ts';
import { RecordingLog } from '../../../test/kit/log.ts';
import { FixedRandom } from '../../../test/kit/random.ts';
import { KubeApi } from '../kube/kube-api.ts';
import { CALL_TIMEOUT_MS } from '../kube/call.ts';
import { CertificateKeeper, LOOK_MS, SETTLE_MS } from './keeper.ts';
import type { ServingPair } from './pair.ts';
import { PREVIOUS_TRUSTED_MS } from './renewal.ts';
import { SecretStore } from './secret-store.ts';
import { publishTrust } from './trust.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NAMES = ['plumbline-injector.plumbline.svc', 'plumbline-injector.plumbline.svc.cluster.local'];

let kube: FakeKube;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  kube = await FakeKube.start(Date.now());
  kube.put(WEBHOOKS, webhookConfiguration());
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await kube.stop();
});

/** A replica of the injector, as far as its certificates go. */
function replica(clock = new FakeClock(0, Date.now())) {
  const ending = new AbortController();
  const random = new FixedRandom();
  const logger = new RecordingLog();
  const served: ServingPair[] = [];
  /** What the API server trusted at the moment when each was first served. */
  const trustedThen: string[] = [];
  /** On the wall clock. */
  const servedAt: number[] = [];
  const tried: string[] = [];
  const api = new KubeApi({ server: kube.api, timers: clock, random, signal: ending.signal });
  const keeper = new CertificateKeeper({
    store: new SecretStore({ api, clock, random, logger, namespace: 'plumbline', secret: 'plumbline-injector', names: NAMES }),
    publish: (bundle) =>
      publishTrust({ api, webhook: 'plumbline-injector', service: 'plumbline-injector', namespace: 'plumbline' }, bundle),
    serve: (pair) => {
      served.push(pair);
      trustedThen.push(kube.bundles()[0] ?? '');
      servedAt.push(clock.wallMs());
    },
    onTried: (how) => void tried.push(how),
    clock,
    timers: clock,
    random,
    logger,
    signal: ending.signal,
  });
  const running = keeper.run();
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  stops.push(stop);
  /** Until `count` looks are over; the waits between attempts of one call pass by themselves. */
  const looked = async (count: number): Promise<void> => {
    for (const giveUpAt = performance.now() + 5000; tried.length < count; ) {
      if (performance.now() > giveUpAt) throw new Error(`${tried.length} looks, not ${count}: ${logger.lines.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      const { nextInMs = CALL_TIMEOUT_MS } = clock;
      if (nextInMs < CALL_TIMEOUT_MS) clock.advance(nextInMs);
    }
  };
  const later = async (ms: number): Promise<void> => {
    const before = tried.length;
    clock.advance(ms);
    await looked(before + 1);
  };
  return { clock, served, servedAt, trustedThen, tried, logger, stop, looked, later };
}

describe('the first replica', () => {
  it('makes all of it, tells the API server, and only then serves', async () => {
    const one = replica();
    await one.looked(1);
    expect(one.served.map(({ cert }) => cert)).toEqual([kube.secretText('tls.crt')]);
    expect(one.trustedThen).toEqual([kube.secretText('ca.crt')]);
    expect(kube.bundles()).toEqual([kube.secretText('ca.crt'), 'other', kube.secretText('ca.crt')]);
    expect(kube.secret()).toMatchObject({ type: 'Opaque', metadata: { labels: { 'app.kubernetes.io/managed-by': 'plumbline-injector' } } });
    expect(one.tried).toEqual(['well']);
  });

  it('takes an empty Secret that somebody has put there', async () => {
    kube.put(SECRETS, { metadata: { name: 'plumbline-injector', labels: { mine: 'yes' } }, type: 'Opaque' });
    const one = replica();
    await one.looked(1);
    expect(one.served).toHaveLength(1);
    expect(kube.secret()?.metadata.labels).toEqual({ mine: 'yes' });
  });

  it('leaves a Secret alone that is not its own', async () => {
    const theirs = kube.put(SECRETS, { metadata: { name: 'plumbline-injector' }, data: { password: 'c2VjcmV0' } });
    const one = replica();
    await one.looked(2);
    expect([one.served, one.tried]).toEqual([[], ['badly', 'badly']]);
    expect(kube.secret()).toEqual(theirs);
    expect(one.logger.lines).toEqual([expect.stringMatching(/^error there is no certificate yet.*has data and no annotation/)]);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'no webhook configuration',
      () => kube.objects.delete(`${WEBHOOKS}/plumbline-injector`),
      /there is no MutatingWebhookConfiguration plumbline-injector/,
    ],
    [
      'one that calls somebody else',
      () =>
        kube.put(WEBHOOKS, {
          metadata: { name: 'plumbline-injector' },
          webhooks: [{ name: 'a', clientConfig: { url: 'https://a' } }, 7, null],
        }),
      /has no webhook that calls the service plumbline\/plumbline-injector/,
    ],
  ])('waits where there is %s, and begins when it comes', async (_, spoil, said) => {
    spoil();
    const one = replica();
    await one.looked(2);
    expect(one.served).toEqual([]);
    expect(one.logger.lines.filter((line) => line.startsWith('error'))).toEqual([expect.stringMatching(said)]);
    kube.put(WEBHOOKS, webhookConfiguration());
    await one.looked(one.tried.length + 1);
    await expect.poll(() => one.tried.at(-1)).toBe('well');
    expect(one.served).toHaveLength(1);
  });
});

describe('two replicas', () => {
  it('that start at once have one authority and one certificate', async () => {
    // Both have seen that there is none before either makes one.
    let readers = 0;
    const bothRead = Promise.withResolvers<void>();
    kube.interfere = async ({ method, path }) => {
      if (method === 'POST' && path === SECRETS) {
        if (++readers === 2) bothRead.resolve();
        await bothRead.promise;
      }
      return undefined;
    };
    const [one, two] = [replica(), replica()];
    await Promise.all([one.looked(1), two.looked(1)]);
    expect(kube.calls.filter(({ method, path }) => method === 'POST' && path === SECRETS)).toHaveLength(2);
    expect(one.served.map(({ cert }) => cert)).toEqual([kube.secretText('tls.crt')]);
    expect(two.served).toEqual(one.served);
    expect(kube.bundles()[0]).toBe(kube.secretText('ca.crt'));
    // Of the other's own nobody is ever told.
    const made = [one, two].flatMap(({ logger }) => logger.lines.filter((line) => line.includes('made a certificate authority')));
    expect(made).toHaveLength(1);
  });

  it('that renew at once have one new certificate', async () => {
    const [one, two] = [replica(), replica()];
    await Promise.all([one.looked(1), two.looked(1)]);
    let writers = 0;
    const bothWrite = Promise.withResolvers<void>();
    kube.interfere = async ({ method, path }) => {
      if (method === 'PATCH' && path.startsWith(SECRETS)) {
        if (++writers === 2) bothWrite.resolve();
        await bothWrite.promise;
      }
      return undefined;
    };
    await Promise.all([one.later(61 * DAY_MS), two.later(61 * DAY_MS)]);
    expect(writers).toBe(2);
    expect(one.served).toHaveLength(2);
    expect(one.served[1]?.cert).toBe(kube.secretText('tls.crt'));
    expect(two.served).toEqual(one.served);
  });

  it('of which one was slow leave a new authority trusted: it looks again after it has written', async () => {
    const [one, two] = [replica(), replica()];
    await Promise.all([one.looked(1), two.looked(1)]);
    // It has read the Secret, and is about to look at the bundle.
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    kube.interfere = async ({ path }) => {
      if (!path.startsWith(WEBHOOKS)) return undefined;
      kube.interfere = () => undefined;
      reached.resolve();
      await go.promise;
      return undefined;
    };
    const slow = two.later(LOOK_MS);
    await reached.promise;
    const { data: _, ...emptied } = kube.secret() ?? { metadata: { name: '' } };
    kube.put(SECRETS, emptied);
    await one.later(LOOK_MS);
    expect(one.served).toHaveLength(2);
    go.resolve();
    await slow;
    expect(kube.bundles()[0]).toContain(kube.secretText('ca.crt'));
    expect(two.served).toEqual(one.served);
  });
});

describe('later', () => {
  it('nothing is written while nothing is due', async () => {
    const one = replica();
    await one.looked(1);
    const before = kube.calls.length;
    await one.later(LOOK_MS);
    expect(kube.calls.slice(before).map(({ method }) => method)).toEqual(['GET', 'GET']);
    expect(one.served).toHaveLength(1);
  });

  it('the certificate is renewed after two thirds of its life, by the same authority', async () => {
    const one = replica();
    await one.looked(1);
    const authority = kube.secretText('ca.crt');
    await one.later(59 * DAY_MS);
    expect(one.served).toHaveLength(1);
    await one.later(2 * DAY_MS);
    expect(one.served).toHaveLength(2);
    expect((one.served[1]?.notAfterMs ?? 0) - (one.served[0]?.notAfterMs ?? 0)).toBeGreaterThan(59 * DAY_MS);
    expect(kube.secretText('ca.crt')).toBe(authority);
    expect(kube.bundles()[0]).toBe(authority);
  });

  it('a new authority is trusted before it is served, and the one before for a day more', async () => {
    const one = replica();
    await one.looked(1);
    const before = kube.secretText('ca.crt');
    const at = one.clock.wallMs() + 2500 * DAY_MS;
    await one.later(2500 * DAY_MS);
    expect(one.servedAt[1]).toBe(at + SETTLE_MS);
    const after = kube.secretText('ca.crt');
    expect(after).not.toBe(before);
    // Served a moment after both were trusted.
    expect(one.trustedThen[1]).toBe(after + before);
    expect(one.served[1]?.cert).toBe(kube.secretText('tls.crt'));
    await one.later(PREVIOUS_TRUSTED_MS + LOOK_MS);
    expect(kube.bundles()[0]).toBe(after);
  });

  it('a Secret that was deleted is made anew, and what is served is trusted on', async () => {
    const one = replica();
    await one.looked(1);
    const before = kube.secretText('ca.crt');
    kube.objects.delete(`${SECRETS}/plumbline-injector`);
    await one.later(LOOK_MS);
    expect(one.trustedThen[1]).toBe(kube.secretText('ca.crt') + before);
  });

  it('a damaged Secret is put right', async () => {
    const one = replica();
    await one.looked(1);
    const secret = kube.secret();
    kube.put(SECRETS, { ...secret, metadata: secret?.metadata ?? { name: '' }, data: { 'tls.crt': 'bm9uZQ==' } });
    await one.later(LOOK_MS);
    expect(one.served).toHaveLength(2);
    expect(one.served[1]?.cert).toBe(kube.secretText('tls.crt'));
  });

  it('a bundle that somebody took away is put back', async () => {
    const one = replica();
    await one.looked(1);
    kube.put(WEBHOOKS, webhookConfiguration());
    await one.later(LOOK_MS);
    expect(kube.bundles()[0]).toBe(kube.secretText('ca.crt'));
    expect(one.served).toHaveLength(1);
  });

  it('an API server that is away changes nothing of what is served; it is said once, and when it is over', async () => {
    const one = replica();
    await one.looked(1);
    kube.interfere = (_, response) => {
      response.writeHead(503).end();
      return 'answered';
    };
    await one.later(LOOK_MS);
    await one.looked(4);
    kube.interfere = () => undefined;
    await expect
      .poll(async () => {
        await one.looked(one.tried.length + 1);
        return one.tried.at(-1);
      })
      .toBe('well');
    expect(one.served).toHaveLength(1);
    expect(one.logger.lines.slice(2)).toEqual([
      expect.stringMatching(/^error the certificate cannot be looked after; the one that there is serves on GET .*answered 503$/),
      'info the certificate is in order again',
    ]);
  });
});

it('leaves no timer behind', async () => {
  const one = replica();
  await one.looked(1);
  await one.stop();
  expect(one.clock.pending).toBe(0);
});
