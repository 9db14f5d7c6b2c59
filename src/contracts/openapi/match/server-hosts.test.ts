import { expect, it } from 'vitest';
import { serverHosts } from './server-hosts.ts';

const hosts = (...urls: readonly string[]) => serverHosts(urls.map((url) => ({ url, variables: new Map() }) as never));

it.each([
  [
    ['https://API.example/v1', 'https://uploads.example'],
    ['api.example', 'uploads.example'],
  ],
  [
    ['https://api.example:443/', 'http://api.example:80', 'https://api.example:8443'],
    ['api.example', 'api.example:8443'],
  ],
  [['http://[::1]:3000/v1?x#y'], ['[::1]:3000']],
  [['https://{region}.example/'], undefined],
  [['/v1'], undefined],
  [['https://api.example', '/v1'], undefined],
  [['ftp://api.example'], undefined],
])('%j', (urls, expected) => {
  const found = hosts(...urls);
  expect(found && [...found]).toEqual(expected);
});
