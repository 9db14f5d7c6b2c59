import { describe, expect, it } from 'vitest';
import { type FakeOperation, fakeOperation, invalid, skippedFor, violation } from '../../../test/kit/contract.ts';
import { type Judged, chunks, judged, tapOf } from '../../../test/kit/contract-stage.ts';
import { FakeBody, type FakeDeps, answerOf, fakeDeps } from '../../../test/kit/exchange.ts';
import type { CheckJob } from '../../core/body-checking.ts';
import { type DriftParts, type ItemCheck, VALID, type Violation } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import type { Answer } from '../../core/stage.ts';

function drift(more: Partial<Drift>): Drift {
  return {
    kind: 'undocumented_field',
    side: 'response',
    location: 'body',
    pointer: '/x',
    specPointer: '/s',
    name: 'x',
    types: [],
    formats: [],
    ...more,
  };
}

const QUERY = drift({ kind: 'undocumented_parameter', side: 'request', location: 'query', pointer: '/page', name: 'page' });
const SENT = drift({ side: 'request', name: 'sent' });
const HEADER = drift({ kind: 'undocumented_header', location: 'header', pointer: '/X-Cache', name: 'X-Cache' });
const GIVEN = drift({ name: 'given' });

/** A message has one thing in its head and one in its body that the contract does not know. */
function parts(looked: string[] = []): DriftParts {
  return {
    inHead: (_, response) => {
      looked.push(response === undefined ? 'request head' : 'response head');
      return response === undefined ? [QUERY] : [HEADER];
    },
    inBody: (_, response) => {
      looked.push(response === undefined ? 'request body' : 'response body');
      return response === undefined ? [SENT] : [GIVEN];
    },
  };
}

const operation = (says: Parameters<typeof fakeOperation>[0] = {}, driftParts?: DriftParts): FakeOperation => ({
  ...fakeOperation(says),
  driftParts,
});
const names = ({ drifts }: FakeDeps): string[] => drifts.map(({ kind, name }) => `${kind} ${name}`.trimEnd());
const brokenAnswer = { responseBody: invalid({ side: 'response', rule: 'required', pointer: '/id' }) };

/** One exchange with two bodies, through all hooks; what was told. */
async function told(given: Judged, answer: Answer = answerOf(200), bodies: readonly [string, string] = ['{}', '{}']): Promise<string[]> {
  const made = judged(given);
  const refused = await made.request();
  if (refused === undefined) {
    const got = await made.respond(answer);
    made.answered(got);
    made.copy('request', bodies[0]);
    if (made.need(answer)?.as === 'copy') made.copy('response', bodies[1]);
  } else made.answered({ ...answerOf(422), origin: 'gateway', rejection: refused });
  await new Promise((resolve) => setImmediate(resolve));
  made.x.end = 'complete';
  made.finish();
  await new Promise((resolve) => setImmediate(resolve));
  return names(made.deps);
}

describe('an answer that is not as the contract says', () => {
  it('is told of once, however often it shows the same', async () => {
    const many = invalid(...[1, 2, 3].map((i) => ({ side: 'response' as const, rule: 'required', pointer: `/${i}/id` })));
    expect(await told({ operation: operation({ responseBody: many }) })).toEqual(['missing_required id']);
  });

  it('in enforce too, where another is put in its place', async () => {
    const enforced = { operation: operation(brokenAnswer), config: { response: 'enforce' as const } };
    expect(await told(enforced, answerOf(200, { body: Buffer.from('{}') }))).toEqual(['missing_required id']);
  });

  it.each(['replay', 'fallback', 'gateway'] as const)('is none of the service where it is a %s', async (origin) => {
    const of = operation(brokenAnswer, parts());
    expect(await told({ operation: of }, answerOf(200, { origin }))).toEqual([]);
    expect(await told({ operation: of, config: { response: 'enforce' } }, answerOf(200, { origin, body: Buffer.from('{}') }))).toEqual([]);
  });

  it('is told of while it goes by, and not again at its end', async () => {
    const items = { looksAtResponse: 'items' as const, responseItems: invalid({ side: 'response', rule: 'required', pointer: '/0/id' }) };
    const made = judged({ operation: operation(items), body: new FakeBody() });
    await made.request();
    const tap = tapOf(made.need());
    made.answered(await made.respond(answerOf(200)));
    tap.onData(chunks('{}')[0] as Uint8Array);
    expect(names(made.deps)).toEqual(['missing_required id']);
    tap.onEnd();
    made.finish();
    expect(names(made.deps)).toEqual(['missing_required id']);
  });

  it('is told of once where later items show the same', async () => {
    const found: Violation[] = [];
    const openItems = (): ItemCheck => ({
      heldBytes: 0,
      found,
      onData: () => void found.push(violation({ side: 'response', pointer: `/${found.length}/id` })),
      end: () => ({ is: 'invalid', violations: found }),
      cut: () => ({ is: 'invalid', violations: found }),
    });
    const made = judged({ operation: { ...operation({ looksAtResponse: 'items' }), openItems }, body: new FakeBody() });
    await made.request();
    const tap = tapOf(made.need());
    made.answered(await made.respond(answerOf(200)));
    for (let i = 0; i < 3; i++) tap.onData(new Uint8Array(1));
    tap.onEnd();
    made.finish();
    expect(made.violations()).toBe(3);
    expect(names(made.deps)).toEqual(['missing_required id']);
  });

  it('of an undocumented status only that the operation is gone, where that is what it means', async () => {
    const of = operation({ responseHead: invalid({ side: 'response', rule: 'undocumented_status', location: 'status', pointer: '' }) });
    expect(await told({ operation: { ...of, deprecated: true } }, answerOf(410))).toEqual(['gone_before_sunset POST /payments']);
    expect(await told({ operation: of }, answerOf(410))).toEqual(['undocumented_status 410']);
  });

  it('has its value where the operator lets it be shown', async () => {
    const responseBody = invalid({ side: 'response', rule: 'enum', pointer: '/items/3', value: '"b"' });
    const values = async (showValues: string[]) => {
      const deps = fakeDeps();
      await told({ operation: operation({ responseBody }), config: { showValues }, deps });
      return deps.drifts.map(({ value }) => value);
    };
    expect(await values([])).toEqual([undefined]);
    expect(await values(['items'])).toEqual(['"b"']);
  });
});

describe('what a message has that the contract does not know', () => {
  it('is told of both sides where the service takes the request', async () => {
    const all = ['undocumented_field given', 'undocumented_header X-Cache', 'undocumented_parameter page', 'undocumented_field sent'];
    expect((await told({ operation: operation({}, parts()) })).sort()).toEqual(all.sort());
    const enforced = { operation: operation({}, parts()), config: { request: 'enforce', response: 'enforce' } as const };
    const body = Object.assign(new FakeBody('ended'), { result: chunks('{}') });
    expect((await told({ ...enforced, body }, answerOf(200, { body: Buffer.from('{}') }))).sort()).toEqual(all.sort());
  });

  it.each([301, 302, 307, 400, 404, 422, 500])('%i: nothing of the request, and its body is not even looked through', async (status) => {
    const looked: string[] = [];
    const seen = await told({ operation: operation({ requestHead: invalid({}) }, parts(looked)) }, answerOf(status));
    expect(seen.sort()).toEqual(['undocumented_field given', 'undocumented_header X-Cache']);
    expect(looked).toEqual(['response body', 'response head']);
  });

  it('is not what `ignore` names', async () => {
    const config = { ignore: ['query:page', 'header:x-cache'] };
    const seen = await told({ operation: operation({}, parts()), config });
    expect(seen.sort()).toEqual(['undocumented_field given', 'undocumented_field sent']);
  });

  it('is not looked for where nobody keeps findings, or there is no time', async () => {
    const looked: string[] = [];
    const deps = fakeDeps();
    Object.assign(deps.observer, { wantsDrift: false });
    expect(await told({ operation: operation(brokenAnswer, parts(looked)), deps })).toEqual([]);
    const busy = Object.assign(fakeDeps(), { busy: true });
    await told({ operation: operation({ looksAtResponse: false }, parts(looked)), deps: busy });
    expect(looked).toEqual([]);
  });

  it.each<[string, Parameters<typeof fakeOperation>[0]]>([
    ['in its body', { requestBody: skippedFor('unsupported'), responseBody: skippedFor('unsupported') }],
    ['in its head', { requestHead: skippedFor('unsupported'), responseHead: skippedFor('unsupported') }],
  ])('is not told of a message that could not be judged as a whole: %s', async (_, says) => {
    expect(await told({ operation: operation(says, parts()) })).toEqual([]);
  });

  it.each<[string, Judged]>([
    ['sampled out', { config: { sample: 0 } }],
    ['on an ignored path', { config: { ignore: ['/payments'] } }],
    ['switched off', { config: { request: 'off', response: 'off', undocumented: 'ignore' } }],
    ['switched off for its operation', { config: { operations: { createPayment: { request: 'off', response: 'off' } } } }],
    ['without a contract', { contractMissing: true }],
  ])('is not told of an exchange that is %s', async (_, given) => {
    expect(await told({ ...given, operation: operation({ ...brokenAnswer, requestBody: invalid({}) }, parts()) })).toEqual([]);
  });
});

describe('a body that the worker judges', () => {
  it.each([true, false])('is looked through where somebody keeps findings: %s', async (wantsDrift) => {
    const deps = fakeDeps();
    Object.assign(deps.observer, { wantsDrift });
    const wanted: boolean[] = [];
    const check = async (job: CheckJob) => {
      wanted.push(job.wantsDrift);
      return { outcome: VALID, deprecated: [], drift: [] };
    };
    const large = { requestBody: skippedFor('too_large'), responseBody: skippedFor('too_large') };
    await told({ operation: operation(large), deps: Object.assign(deps, { checkPool: { check } }) });
    expect(wanted).toEqual([wantsDrift, wantsDrift]);
  });

  it.each(['request', 'response'] as const)('is told of once, also when the exchange is over (%s)', async (side) => {
    const deps = fakeDeps();
    const { promise, resolve } = Promise.withResolvers<void>();
    const checkPool = {
      check: async () => {
        await promise;
        const outcome = invalid({ side, rule: 'required', pointer: '/id' });
        return { outcome, deprecated: [], drift: [side === 'request' ? SENT : GIVEN] };
      },
    };
    const large = skippedFor('too_large');
    const of = operation(side === 'request' ? { requestBody: large, looksAtResponse: false } : { responseBody: large });
    const made = judged({ operation: of, deps: Object.assign(deps, { checkPool }) });
    await made.request();
    made.answered(await made.respond(answerOf(200)));
    made.copy('request', '{}');
    if (side === 'response') made.copy('response', '{}');
    made.x.end = 'complete';
    made.finish();
    expect(names(deps)).toEqual([]);
    resolve();
    await new Promise((done) => setImmediate(done));
    const broken = side === 'request' ? 'invalid_accepted required id' : 'missing_required id';
    expect(names(deps).sort()).toEqual([broken, `undocumented_field ${side === 'request' ? 'sent' : 'given'}`].sort());
  });
});

describe('who is stricter or laxer than the contract', () => {
  const broken = { requestBody: invalid({ rule: 'required', pointer: '/amount' }), looksAtResponse: false as const };

  it.each([
    [200, ['invalid_accepted required amount']],
    [304, ['invalid_accepted required amount']],
    [302, []],
    [400, []],
    [500, []],
  ])('an invalid request that is answered %i', async (status, seen) => {
    expect(await told({ operation: operation(broken) }, answerOf(status))).toEqual(seen);
    expect(await told({ operation: operation(broken), config: { countRefused: true } }, answerOf(status))).toEqual(seen);
  });

  it.each([
    [422, ['valid_refused 422']],
    [400, ['valid_refused 400']],
    [409, []],
    [200, []],
  ])('a valid request that is answered %i', async (status, seen) => {
    const of = operation({ looksAtResponse: false });
    expect(await told({ operation: of }, answerOf(status))).toEqual(seen);
    const body = Object.assign(new FakeBody('ended'), { result: chunks('{}') });
    expect(await told({ operation: of, config: { request: 'enforce' }, body }, answerOf(status))).toEqual(seen);
  });

  it('a request that the gateway refuses says nothing', async () => {
    expect(await told({ operation: operation({ requestHead: invalid({}) }, parts()), config: { request: 'enforce' } })).toEqual([]);
  });

  it('one that is valid but for what is ignored may be refused for that', async () => {
    const requestHead = invalid({ location: 'header', pointer: '/X-Old' });
    const of = operation({ requestHead, looksAtResponse: false });
    expect(await told({ operation: of, config: { ignore: ['header:X-Old'] } }, answerOf(400))).toEqual([]);
  });

  it('what the service said counts, not what the caller got in its place', async () => {
    const of = operation({ ...brokenAnswer, requestBody: invalid({ rule: 'required', pointer: '/amount' }) });
    const seen = await told({ operation: of, config: { response: 'enforce' } }, answerOf(200, { body: Buffer.from('{}') }));
    expect(seen).toEqual(['missing_required id', 'invalid_accepted required amount']);
  });

  it.each(['replay', 'fallback', 'gateway'] as const)('a %s says nothing', async (origin) => {
    expect(await told({ operation: operation(broken) }, answerOf(200, { origin }))).toEqual([]);
  });
});

describe('what the contract does not know at all', () => {
  const unknown: Judged = { match: { miss: 'path' }, target: '/nowhere/7' };

  it.each([200, 204, 304])('is told of where the service answers %i', async (status) => {
    expect(await told(unknown, answerOf(status))).toEqual(['undocumented_method POST']);
  });
  it.each([301, 302, 308, 401, 404, 405, 500])('is nothing where it answers %i', async (status) => {
    expect(await told(unknown, answerOf(status))).toEqual([]);
  });
  it.each<[string, Judged]>([
    ['refused by the gateway', { config: { undocumented: 'enforce' } }],
    ['on an ignored path', { config: { ignore: ['/nowhere'] } }],
    ['of no interest', { config: { undocumented: 'ignore' } }],
    ['a preflight', { method: 'OPTIONS', headers: ['Origin', 'https://a.example', 'Access-Control-Request-Method', 'PUT'] }],
  ])('is nothing where it is %s', async (_, given) => {
    expect(await told({ ...unknown, ...given })).toEqual([]);
  });
  it('is nothing where a fallback or a replay answers', async () => {
    expect(await told(unknown, answerOf(200, { origin: 'fallback' }))).toEqual([]);
    expect(await told(unknown, answerOf(200, { origin: 'replay' }))).toEqual([]);
  });
});
