import { expect, test } from 'vitest';
import { settingsFrom } from '../../loadtests/lib/settings.ts';

const USUAL = { short: { rate: 10, seconds: 5 }, full: { rate: 50, seconds: 600 } };

test('where nothing is said, the example at its usual places, for a short time', () => {
  expect(settingsFrom({ RATE: '', PROFILE: '' }, USUAL)).toEqual({
    target: 'http://127.0.0.1:7080',
    direct: 'http://127.0.0.1:3000',
    admin: 'http://127.0.0.1:7090',
    profile: 'short',
    rate: 10,
    seconds: 5,
    p95Ms: 250,
    p99Ms: 1000,
    out: '.',
  });
  expect(settingsFrom({}, { ...USUAL, target: 'http://127.0.0.1:7082' }).target).toBe('http://127.0.0.1:7082');
});

test('what is said holds, also against the profile', () => {
  const env = { TARGET: 'https://gateway.example//', PROFILE: 'full', DURATION: '2m', P95_MS: '40', OUT: 'results' };
  expect(settingsFrom(env, USUAL)).toMatchObject({
    target: 'https://gateway.example',
    profile: 'full',
    rate: 50,
    seconds: 120,
    p95Ms: 40,
    out: 'results',
  });
  expect(settingsFrom({ DURATION: '1h' }, USUAL).seconds).toBe(3600);
});

test.each([
  [{ TARGET: 'gateway.example' }, 'TARGET is an origin such as http://127.0.0.1:7080, not "gateway.example"'],
  [{ DIRECT: 'http://a.example/v1' }, 'DIRECT is an origin such as http://127.0.0.1:3000, not "http://a.example/v1"'],
  [{ ADMIN: 'http://' }, 'ADMIN is an origin'],
  [{ RATE: '0' }, 'RATE is a whole number from 1 to 100000, not "0"'],
  [{ RATE: '1e3' }, 'RATE is a whole number'],
  [{ P99_MS: '-1' }, 'P99_MS is a whole number'],
  [{ DURATION: '30' }, 'DURATION is a duration such as 90s, 5m or 1h, not "30"'],
  [{ DURATION: '0s' }, 'DURATION is a duration'],
  [{ DURATION: '999999h' }, 'DURATION is a duration'],
  [{ PROFILE: 'long' }, 'PROFILE is short or full, not "long"'],
])('what makes no sense is refused by its name: %j', (env, message) => expect(() => settingsFrom(env, USUAL)).toThrow(message));
