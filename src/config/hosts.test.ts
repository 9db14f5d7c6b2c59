import { expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';
import { type Settings, shownSettings } from './settings.ts';

/** A listener and the probes, with the same words about their host. */
function settings(host: string): Settings {
  const text = `listeners: { in: { ${host} } }\nprobes: { ${host} }\nroutes: [{ name: r, listener: in, upstream: "http://127.0.0.1:3000" }]\n`;
  const parsed = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
  expect(parsed.problems).toEqual([]);
  return parsed.settings as Settings;
}

test.each([
  ['', undefined, '::'],
  ['host: "::"', '::', '::'],
  ['host: 0.0.0.0', '0.0.0.0', '0.0.0.0'],
])('a host that nobody named is told from one that is named: {%s}', (host, read, shown) => {
  const got = settings(host);
  expect([got.listeners[0]?.host, got.probes?.host]).toEqual([read, read]);
  expect(shownSettings(got)).toMatchObject({ listeners: [{ host: shown, port: 7080 }], probes: { host: shown, port: 7091 } });
});
