import { describe, expect, it } from 'vitest';
import { FakeBody, routeSpec } from '../../../test/kit/exchange.ts';
import { bodyOf, idempotencyStage, madeAnswer } from '../../../test/kit/idempotency-stage.ts';

describe('which requests have a key', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('ID-1: on %s a key means nothing', (method) => {
    const { meet, store, outcomes } = idempotencyStage({ required: [`${method} /payments`] });
    const met = meet({ method });
    expect([met.answer, met.x.keyed, met.x.detached, store.ran]).toEqual([undefined, false, false, []]);
    met.back(madeAnswer());
    met.finish();
    expect(outcomes()).toEqual({});
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE'])('RT-1, ID-1: %s with a key is keyed', (method) => {
    const { meet } = idempotencyStage();
    expect([meet({ method }).x.keyed, meet({ method, key: [] }).x.keyed]).toEqual([true, false]);
  });

  it('ID-1: a key that is not valid is refused everywhere, an empty one only where one is required', () => {
    const { meet, code, outcomes, store } = idempotencyStage({ required: ['POST /payments'] });
    const other = { target: '/other' };
    expect([{ key: 'two words' }, { key: ['a', 'a'] }, { key: 'two words', ...other }].map((s) => code(meet(s)))).toEqual(
      Array(3).fill('IDEMPOTENCY_KEY_INVALID'),
    );
    expect([{ key: '' }, { key: [] }].map((s) => code(meet(s)))).toEqual(Array(2).fill('IDEMPOTENCY_KEY_MISSING'));
    expect(
      [
        { key: '', ...other },
        { key: [], ...other },
      ].map((s) => code(meet(s))),
    ).toEqual(Array(2).fill('goes on'));
    expect([outcomes(), store.ran]).toEqual([{ invalid: 3, missing: 2 }, []]);
  });

  it('ID-1: where the pointer leads to in a JSON body, if the header has none', () => {
    const { meet, code } = idempotencyStage({ pointer: '/payment_id', required: ['POST /payments'] });
    const json = (text: string, key: string | string[] = []) => ({ key, text, more: ['Content-Type', 'application/json'] });
    meet(json('{"payment_id":"p1"}')).back(madeAnswer());
    expect(code(meet(json('{"payment_id":"p1"}')))).toBe('replay');
    expect(code(meet(json('{"payment_id":"p1"}', 'p1')))).toBe('goes on'); // the header's keys are not the body's
    expect(code(meet(json('{"payment_id":42}')))).toBe('goes on');
    expect(code(meet(json('{"payment_id":{}}')))).toBe('IDEMPOTENCY_KEY_INVALID');
    expect(code(meet(json('{}')))).toBe('IDEMPOTENCY_KEY_MISSING');
    expect(code(meet(json('{"payment_id":')))).toBe('MALFORMED_REQUEST');
    expect(code(meet({ key: [], text: '{"payment_id":"p1"}' }))).toBe('IDEMPOTENCY_KEY_MISSING'); // not said to be JSON
    expect(code(meet({ key: [], more: ['Content-Type', 'application/json'] }))).toBe('IDEMPOTENCY_KEY_MISSING'); // no body
  });

  it('ID-1: a body in which no key can be looked for is refused where one is required, elsewhere it goes on and counts', () => {
    for (const [result, refusal] of [
      ['too_large', 'BODY_TOO_LARGE'],
      ['overload', 'OVERLOADED'],
    ] as const) {
      const { meet, code, outcomes } = idempotencyStage({ pointer: '/id', required: ['POST /payments'] });
      const body = (): FakeBody => Object.assign(new FakeBody('arriving'), { result });
      const more = ['Content-Type', 'application/json'];
      expect(code(meet({ key: [], body: body(), more }))).toBe(refusal);
      expect(code(meet({ key: [], body: body(), more, target: '/other' }))).toBe('goes on');
      expect(outcomes()).toMatchObject({ bypassed: 1 });
      expect(body().asked).toEqual([]);
    }
  });

  it('ID-1: the body is read up to 1 MiB for its key, and not at all where the header has one', () => {
    const { meet } = idempotencyStage({ pointer: '/id' });
    const body = bodyOf('{"id":1}');
    meet({ key: [], body, more: ['Content-Type', 'application/json'] });
    expect(body.asked).toEqual(['whole 1048576', 'digest']);
    const keyed = bodyOf('{"id":1}');
    meet({ body: keyed, more: ['Content-Type', 'application/json'] });
    expect(keyed.asked).toEqual(['digest']);
  });
});

describe('whose key it is', () => {
  const kin = (config: object, one: readonly string[], other: readonly string[], addresses: [string, string] = ['a', 'a']) => {
    const { meet, code } = idempotencyStage(config);
    meet({ more: [...one], address: addresses[0] }).back(madeAnswer());
    return code(meet({ more: [...other], address: addresses[1] })) === 'replay';
  };

  it.each<[string, readonly string[], readonly string[], [string, string], boolean]>([
    ['the same token from elsewhere', ['Authorization', 'Bearer a'], ['Authorization', 'Bearer a'], ['a', 'b'], true],
    ['another token from there', ['Authorization', 'Bearer a'], ['Authorization', 'Bearer b'], ['a', 'a'], false],
    ['another token with one cookie', ['Authorization', 'a', 'Cookie', 'c'], ['Authorization', 'b', 'Cookie', 'c'], ['a', 'a'], false],
    [
      'another API key with one token',
      ['Authorization', 'a', 'X-API-Key', 'b'],
      ['Authorization', 'a', 'X-API-Key', 'c'],
      ['a', 'a'],
      false,
    ],
    ['the same API key', ['X-API-Key', 'a'], ['X-API-Key', 'a'], ['a', 'b'], true],
    ['another API key', ['X-API-Key', 'a'], ['X-API-Key', 'b'], ['a', 'a'], false],
    ['the same cookie', ['Cookie', 's=1'], ['Cookie', 's=1'], ['a', 'b'], true],
    ['another cookie', ['Cookie', 's=1'], ['Cookie', 's=2'], ['a', 'a'], false],
    ['a value that moved to another field', ['X-API-Key', 'a'], ['Authorization', 'a'], ['a', 'a'], false],
    ['the same address and no credential', [], [], ['a', 'a'], true],
    ['another address and no credential', [], [], ['a', 'b'], false],
    ['a name of one’s own choosing', ['X-Consumer-Name', 'shop'], ['X-Consumer-Name', 'shop'], ['a', 'b'], false],
    ['a program’s name', ['User-Agent', 'x/1'], ['User-Agent', 'x/1'], ['a', 'b'], false],
  ])('ID-1: %s: one caller or two', (_what, one, other, addresses, same) => {
    expect(kin({}, one, other, addresses)).toBe(same);
  });

  it('ID-1: the tenant’s, where a field names it; without it the caller’s', () => {
    const config = { scope: 'header:x-tenant' as const };
    expect(kin(config, ['X-Tenant', 't', 'Authorization', 'a'], ['X-Tenant', 't', 'Authorization', 'b'], ['a', 'b'])).toBe(true);
    expect(kin(config, ['X-Tenant', 't', 'Authorization', 'a'], ['X-Tenant', 'u', 'Authorization', 'a'])).toBe(false);
    expect(kin(config, ['Authorization', 'a'], ['Authorization', 'b'])).toBe(false);
  });

  it('ID-1: everybody’s, where the route says so', () => {
    expect(kin({ scope: 'shared' }, ['Authorization', 'a'], ['Authorization', 'b'], ['a', 'b'])).toBe(true);
  });

  it('ID-1: of one operation and route only', () => {
    const { deps, meet, code } = idempotencyStage();
    meet({ target: '/a?x=1' }).back(madeAnswer());
    expect(code(meet({ target: '/b?x=1' }))).toBe('goes on');
    expect(code(meet({ target: '/a?x=1', method: 'PUT' }))).toBe('goes on');
    expect(code(meet({ target: '/a?x=1', route: routeSpec({ name: 'another' }) }))).toBe('goes on');
    expect(code(meet({ target: '/a?x=2' }))).toBe('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH'); // the query is no part of where it goes
    expect(deps.store.records.size).toBe(4);
  });

  it('ID-2: neither key nor credential is kept as it came', () => {
    const { meet, store } = idempotencyStage();
    const { x } = meet({ key: 'very-secret-key', more: ['Authorization', 'Bearer very-secret-token'] });
    const kept = JSON.stringify([...store.records]);
    expect(kept).not.toMatch(/very-secret/);
    expect(x.keyHash).toMatch(/^[0-9a-f]{64}$/);
    expect([...store.records.keys()]).toEqual([x.keyHash]);
    expect(store.records.get(x.keyHash)?.fields['principal']).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('requests without a key', () => {
  const json = (text: string, more: readonly string[] = []) => ({ key: [], text, more: ['Content-Length', String(text.length), ...more] });

  it('that equal one of the last minute count as suspected duplicates', () => {
    const { meet, meter, clock } = idempotencyStage();
    const send = (text: string, more: object = {}): void => {
      const met = meet({ ...json(text), ...more });
      met.back(madeAnswer());
      met.finish();
    };
    send('a');
    send('b');
    send('a', { address: 'elsewhere' });
    send('a', { method: 'PATCH' });
    send('a', { target: '/other' });
    expect(meter.series('suspected_duplicates_total')).toEqual({});
    send('a');
    expect(meter.series('suspected_duplicates_total')).toEqual({ 'api=billing,operation=_unmatched': 1 });
    clock.advance(60_000);
    send('a');
    send('a', { method: 'PUT' });
    send('a', { method: 'PUT' });
    expect(meter.value('suspected_duplicates_total')).toBe(1);
  });

  it('are looked at only where that costs little and the upstream has seen them', () => {
    const { meet, meter } = idempotencyStage();
    const bodies = [bodyOf('a'), bodyOf('a')];
    for (const body of bodies) meet({ key: [], body }).finish(); // chunked: no length is announced
    for (const body of bodies) meet({ key: [], body, more: ['Content-Length', '16385'] }).finish();
    expect(bodies.map(({ asked }) => asked)).toEqual([[], []]);
    for (let i = 0; i < 2; i++) meet(json('a')).finish();
    expect(meter.series('suspected_duplicates_total')).toEqual({});
  });
});
