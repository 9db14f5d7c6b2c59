import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../test/kit/clock.ts';
import type { KnownKeys } from '../../core/keys.ts';
import type { Fetched } from './fetch.ts';
import { FetchedKeys } from './key-set.ts';

const jwkOf = (kid: string) => ({ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid });
const KEYS = { a: jwkOf('a'), b: jwkOf('b') };
const body = (...kids: ReadonlyArray<keyof typeof KEYS>): string => JSON.stringify({ keys: kids.map((kid) => KEYS[kid]) });

let clock: FakeClock;
/** One for each fetch that was begun, in order. */
let fetches: Array<(fetched: Fetched) => Promise<void>>;
let told: string[];
let aborted: AbortSignal;

function open(): FetchedKeys {
  return new FetchedKeys({
    clock,
    timers: clock,
    fetch(signal) {
      aborted = signal;
      const { promise, resolve } = Promise.withResolvers<Fetched>();
      fetches.push(async (fetched) => {
        resolve(fetched);
        await settle();
      });
      return promise;
    },
    onFetched: (keys) => void told.push(`fetched ${keys}`),
    onFailed: (reason) => void told.push(reason),
    onClosed: () => void told.push('closed'),
  });
}

const good = (text: string, cacheControl?: string, ageSeconds = 0): Fetched => ({ body: text, cacheControl, ageSeconds });
const names = (keys: KnownKeys | string): string =>
  typeof keys === 'string' ? keys : ['a', 'b'].filter((kid) => keys.has(kid)).join(' ') + (keys.stale ? ' stale' : '');
/** What somebody is told, without time going by; `…` while he waits. */
async function says(asked: unknown): Promise<string> {
  const pending = Symbol('pending');
  const got = await Promise.race([asked, settle().then(() => pending)]);
  return got === pending ? '…' : names(got as KnownKeys);
}

beforeEach(() => {
  clock = new FakeClock();
  fetches = [];
  told = [];
});

describe('the keys of an issuer', () => {
  it('are fetched at once, waited for, and then there without waiting', async () => {
    const set = open();
    const first = set.current();
    expect([fetches.length, await says(first)]).toEqual([1, '…']);
    await fetches[0]?.(good(body('a')));
    expect([await says(first), names(set.current() as KnownKeys), told]).toEqual(['a', 'a', ['fetched 1']]);
    expect([fetches.length, clock.pending]).toEqual([1, 0]);
  });

  it('are waited for two seconds at most, and used when they come after all', async () => {
    const set = open();
    const first = set.current();
    clock.advance(1999);
    expect(await says(first)).toBe('…');
    clock.advance(1);
    expect([await says(first), await says(set.current())]).toEqual(['unavailable', 'unavailable']);
    await fetches[0]?.(good(body('a')));
    expect([names(set.current() as KnownKeys), fetches.length]).toEqual(['a', 1]);
  });

  it('nobody waits for an endpoint that is known to be away; it is asked again less and less often', async () => {
    const set = open();
    await fetches[0]?.({ failed: 'ECONNREFUSED' });
    const begun: number[] = [];
    for (let ms = 0; ms < 100_000; ms += 500) {
      expect(set.current()).toBe('unavailable');
      if (fetches.length === begun.length + 2) {
        begun.push(ms);
        await fetches.at(-1)?.({ failed: 'ECONNREFUSED' });
      }
      clock.advance(500);
    }
    expect(begun).toEqual([1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000]);
  });

  it.each([
    ['no JSON', 'it is no JSON Web Key Set', '<html>'],
    ['no keys', 'it is no JSON Web Key Set', '{"a":[]}'],
    ['no list', 'it is no JSON Web Key Set', '{"keys":{}}'],
    ['null', 'it is no JSON Web Key Set', 'null'],
    [
      'none for signatures',
      'it has no key for signatures',
      JSON.stringify({ keys: [{ ...KEYS.a, use: 'enc' }, { kty: 'oct', k: 'AAAA' }, 7] }),
    ],
  ])('%s is as bad as no answer', async (_, reason, text) => {
    const set = open();
    await fetches[0]?.(good(text));
    expect([set.current(), told]).toEqual(['unavailable', [reason]]);
  });

  it.each([
    ['nothing', undefined, 0, 600_000],
    ['max-age', 'public, max-age=300', 0, 300_000],
    ['max-age and an age', 'max-age=300', 200, 100_000],
    ['next to nothing', 'max-age=1', 0, 60_000],
    ['a year', 'max-age=31536000, immutable', 0, 3_600_000],
    ['that it must not be kept', 'no-store, max-age=300', 0, 600_000],
    ['something else', 's-maxage=5', 0, 600_000],
  ])('are good for as long as is right where the endpoint says %s', async (_, cacheControl, age, ms) => {
    const set = open();
    await fetches[0]?.(good(body('a'), cacheControl, age));
    clock.advance(ms - 1);
    expect([names(set.current() as KnownKeys), fetches.length]).toEqual(['a', 1]);
    clock.advance(1);
    expect([names(set.current() as KnownKeys), fetches.length]).toEqual(['a stale', 2]);
    await fetches[1]?.(good(body('b')));
    expect(names(set.current() as KnownKeys)).toBe('b');
  });

  it('that have gone stale are used while the endpoint is away, for a day', async () => {
    const set = open();
    await fetches[0]?.(good(body('a')));
    clock.advance(24 * 3_600_000 - 1);
    expect(names(set.current() as KnownKeys)).toBe('a stale');
    await fetches[1]?.({ failed: 'ECONNREFUSED' });
    expect(names(set.current() as KnownKeys)).toBe('a stale');
    clock.advance(1);
    expect(set.current()).toBe('unavailable');
  });

  it('that are newer are fetched for a token that names one of them, once in ten seconds', async () => {
    const set = open();
    await fetches[0]?.(good(body('a')));
    expect(set.newer(1)).toBe('same');
    clock.advance(10_000);
    const [one, two] = [set.newer(1), set.newer(1)];
    expect([await says(one), await says(two), fetches.length]).toEqual(['…', '…', 2]);
    await fetches[1]?.(good(body('a', 'b')));
    expect([await says(one), await says(two), names(set.newer(1) as KnownKeys)]).toEqual(['a b', 'a b', 'a b']);
    expect([set.newer(2), fetches.length]).toEqual(['same', 2]);
  });

  it('that could not be fetched anew are not known: nobody says that a newer one is not there', async () => {
    const set = open();
    await fetches[0]?.(good(body('a')));
    clock.advance(10_000);
    const asked = set.newer(1);
    await fetches[1]?.({ failed: 'status 500' });
    expect([await says(asked), set.newer(1), names(set.current() as KnownKeys)]).toEqual(['unavailable', 'unavailable', 'a']);
  });

  it('are no longer fetched once nobody needs them', async () => {
    const set = open();
    set[Symbol.dispose]();
    await fetches[0]?.(good(body('a')));
    clock.advance(60_000);
    expect([set.current(), aborted.aborted, fetches.length, told]).toEqual(['unavailable', true, 1, ['closed']]);
  });
});
