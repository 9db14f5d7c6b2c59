import { expect, it } from 'vitest';
import { redisAddress } from './address.ts';

it.each([
  ['redis://cache.example', { tls: false, host: 'cache.example', port: 6379, credentials: [], db: 0 }],
  ['redis://127.0.0.1:7000/', { tls: false, host: '127.0.0.1', port: 7000, credentials: [], db: 0 }],
  ['rediss://:s%2F%40%25@[::1]:1/12', { tls: true, host: '::1', port: 1, credentials: ['s/@%'], db: 12 }],
  ['redis://u%20r:pw@a', { tls: false, host: 'a', port: 6379, credentials: ['u r', 'pw'], db: 0 }],
])('%s', (url, expected) => {
  expect(redisAddress(url)).toEqual(expected);
});
