import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { FixedRandom } from '../../../test/kit/random.ts';
import { AUTHORITY_LIFE_MS, BACKDATED_MS, SERVING_LIFE_MS } from './authority.ts';
import type { Kept } from './kept.ts';
import { PREVIOUS_TRUSTED_MS, due, fresh, renewed, trusted } from './renewal.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const NAMES = ['i.ns.svc', 'i.ns.svc.cluster.local'];
/** Of a life that begins an hour early. */
const twoThirds = (lifeMs: number): number => ((lifeMs + BACKDATED_MS) * 2) / 3 - BACKDATED_MS;

const random = new FixedRandom();
let kept: Kept;
let other: Kept;
beforeAll(async () => {
  kept = await fresh(undefined, NAMES, NOW_MS, random);
  other = await fresh(undefined, NAMES, NOW_MS, random);
});

const certificates = (pem: string): number => pem.split('BEGIN CERTIFICATE').length - 1;

describe('nothing is due', () => {
  it.each([0, 30 * DAY_MS, twoThirds(SERVING_LIFE_MS) - 1000])('after %d ms', (ms) => {
    expect(due(kept, NAMES, NOW_MS + ms)).toBeUndefined();
  });

  it('where the certificate is for more names than are asked for', () => {
    expect(due(kept, NAMES.slice(0, 1), NOW_MS)).toBeUndefined();
  });
});

describe('a certificate is due', () => {
  it.each<[string, () => Kept, readonly string[], number]>([
    ['when two thirds of its life are over', () => kept, NAMES, twoThirds(SERVING_LIFE_MS) + 1000],
    ['when it has expired', () => kept, NAMES, SERVING_LIFE_MS + DAY_MS],
    ['for another name', () => kept, [...NAMES, 'j.ns.svc'], 0],
    ['where it is of another authority', () => ({ ...kept, serving: other.serving }), NAMES, 0],
    ['where the key is that of another', () => ({ ...kept, serving: { ...kept.serving, key: other.serving.key } }), NAMES, 0],
    ['where it cannot be read', () => ({ ...kept, serving: { ...kept.serving, cert: 'nothing' } }), NAMES, 0],
    ['where its key cannot be read', () => ({ ...kept, serving: { ...kept.serving, key: 'nothing' } }), NAMES, 0],
  ])('%s', async (_, given, names, ms) => {
    const needed = due(given(), names, NOW_MS + ms);
    expect(needed?.what).toBe('serving');
    const next = await renewed(given(), 'serving', names, NOW_MS + ms, random);
    expect(next.authority).toBe(given().authority);
    expect(due(next, names, NOW_MS + ms)).toBeUndefined();
  });
});

describe('an authority is due', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

  it.each<[string, () => Kept, number]>([
    ['when two thirds of its life are over', () => kept, twoThirds(AUTHORITY_LIFE_MS) + 1000],
    ['that is not valid yet: somebody had a wrong clock', () => kept, -2 * BACKDATED_MS],
    ['whose key is another', () => ({ ...kept, authority: { ...kept.authority, key: other.authority.key } }), 0],
    ['whose key is of another kind', () => ({ ...kept, authority: { ...kept.authority, key: rsa } }), 0],
    ['that is none', () => ({ ...kept, authority: kept.serving }), 0],
    ['that cannot be read', () => ({ ...kept, authority: { cert: 'nothing', key: 'nothing' } }), 0],
  ])('%s', async (_, given, ms) => {
    expect(due(given(), NAMES, NOW_MS + ms)?.what).toBe('authority');
    const next = await renewed(given(), 'authority', NAMES, NOW_MS + ms, random);
    expect(due(next, NAMES, NOW_MS + ms)).toBeUndefined();
    expect(next.authority.cert).not.toBe(given().authority.cert);
  });
});

describe('trusted are', () => {
  it('the authority alone, where there was none before', () => {
    expect(trusted(kept, NOW_MS)).toBe(kept.authority.cert);
  });

  it('the one before, too, for a day', async () => {
    const at = NOW_MS + 100 * DAY_MS;
    const next = await renewed(kept, 'authority', NAMES, at, random);
    expect(trusted(next, at)).toBe(next.authority.cert + kept.authority.cert);
    expect(trusted(next, at + PREVIOUS_TRUSTED_MS - 1000)).toContain(kept.authority.cert);
    expect(trusted(next, at + PREVIOUS_TRUSTED_MS)).toBe(next.authority.cert);
  });

  it.each([
    ['no certificate', () => 'nothing', 0],
    ['a certificate that is no authority', () => kept.serving.cert, 0],
    ['an authority that has expired', () => kept.authority.cert, AUTHORITY_LIFE_MS],
  ])('never %s', async (_, previous, ms) => {
    const next = await fresh(previous(), NAMES, NOW_MS + ms, random);
    expect(certificates(trusted(next, NOW_MS + ms))).toBe(1);
    expect(certificates(trusted({ ...next, previousAuthority: previous() }, NOW_MS + ms))).toBe(1);
  });
});
