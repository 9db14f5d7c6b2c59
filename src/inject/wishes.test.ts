import { describe, expect, test } from 'vitest';
import { DEPLOYMENT, settings } from './testing/inject.ts';
import { readWishes } from './wishes.ts';

const read = (annotations: Readonly<Record<string, unknown>>, written: Readonly<Record<string, unknown>> = { contract: 'c' }) =>
  readWishes(annotations, DEPLOYMENT, settings(written));

const reason = (annotations: Readonly<Record<string, unknown>>, written?: Readonly<Record<string, unknown>>): string => {
  const result = read(annotations, written);
  if (!('is' in result)) throw new Error('not refused');
  return result.reason;
};

describe('what a pod asks for', () => {
  test('is what the settings say, without a word of its own', () => {
    const written = { contract: 'c', enforce: 'both', owner: 'ops', log: 'off', port: 'web', image: 'x/y:1' };
    expect(read({ team: 'x' }, written)).toEqual({ ...settings(written), api: 'billing' });
  });

  test('goes over the settings', () => {
    const annotations = {
      'plumbline.dev/contract': 'orders/v2.yaml',
      'plumbline.dev/api': 'orders',
      'plumbline.dev/port': '8081',
      'plumbline.dev/enforce': 'none',
      'plumbline.dev/owner': 'payments',
      'plumbline.dev/log': 'stdout',
      'plumbline.dev/image': 'mirror/plumbline:2',
      'plumbline.dev/cpu-request': '100m',
      'plumbline.dev/cpu-limit': '2',
      'plumbline.dev/memory-request': '200Mi',
      'plumbline.dev/memory-limit': '1Gi',
    };
    const written = { contract: 'c', api: 'a', enforce: 'both', owner: 'ops', log: 'off', port: 'web', image: 'x/y:1' };
    expect(read(annotations, written)).toEqual({
      ...settings(written),
      contract: { configMap: 'orders', key: 'v2.yaml' },
      api: 'orders',
      port: '8081',
      enforce: 'none',
      owner: 'payments',
      log: 'stdout',
      image: 'mirror/plumbline:2',
      resources: { requests: { cpu: '100m', memory: '200Mi' }, limits: { cpu: '2', memory: '1Gi' } },
    });
  });

  test('of its own configuration takes the place of all that the settings say of one', () => {
    const written = { contract: 'c', api: 'a', enforce: 'both', owner: 'ops', log: 'off', trustedPeers: ['10.1.0.0/16'], image: 'x/y:1' };
    const expected = { ...settings({ config: 'own', image: 'x/y:1' }), api: 'billing' };
    expect(read({ 'plumbline.dev/config': 'own' }, written)).toEqual(expected);
  });

  test('of a contract takes the place of a configuration of the settings', () => {
    expect(read({ 'plumbline.dev/contract': 'orders' }, { config: 'own' })).toMatchObject({
      config: undefined,
      contract: { configMap: 'orders', key: 'openapi.yaml' },
    });
  });
});

describe('an annotation is refused by its name', () => {
  test.each([
    ['config', 'Own', '"Own" is not a name of a ConfigMap (lower-case letters, digits, - and .)'],
    ['contract', '', '"" is not a ConfigMap with a contract (<ConfigMap> or <ConfigMap>/<key>)'],
    ['contract', 'a/../b', '"a/../b" is not a ConfigMap with a contract (<ConfigMap> or <ConfigMap>/<key>)'],
    ['api', '../x', '"../x" is not a name of an API (letters, digits, . _ - ; begins with a letter or digit)'],
    ['port', '99999', '"99999" is not a name or number of a port (http, or 1 to 65535)'],
    ['enforce', 'yes', '"yes" is not one of none, request, response, both'],
    ['log', 'file', '"file" is not one of stdout, off'],
    ['image', '', '"" is not a name of an image (registry/name:tag)'],
    ['cpu-request', 'many', '"many" is not a CPU quantity like 250m or 0.5'],
    ['cpu-limit', '1m', '"1m" is too little; at least 50m'],
    ['memory-request', '12 Mi', '"12 Mi" is not a memory quantity like 128Mi or 1Gi'],
    ['memory-limit', '10Mi', '"10Mi" is too little; at least 160Mi'],
  ])('%s: %j', (name, value, message) => {
    expect(reason({ [`plumbline.dev/${name}`]: value })).toBe(`plumbline.dev/${name}: ${message}`);
  });

  test('owner, which goes into a configuration', () => {
    for (const owner of ['a$(B)', 'a"b', 'a\nb', '{x}', '', 'x'.repeat(101)]) {
      expect(reason({ 'plumbline.dev/owner': owner })).toMatch(/^plumbline\.dev\/owner: /);
    }
  });

  test('that is no text', () => {
    expect(reason({ 'plumbline.dev/port': 8080 })).toBe('plumbline.dev/port is 8080; annotations are text: put it in quotes');
  });

  test('that is not known: a slip must not mean the default', () => {
    expect(reason({ 'plumbline.dev/enforec': 'both' })).toBe(
      'the annotation plumbline.dev/enforec is not known; did you mean plumbline.dev/enforce?',
    );
    expect(reason({ 'plumbline.dev/xyzzyx': '' })).toBe('the annotation plumbline.dev/xyzzyx is not known');
    expect(reason({ 'plumbline.dev/inject': 'enabled' })).toBe('plumbline.dev/inject is a label, not an annotation');
    expect(reason({ [`plumbline.dev/${'x'.repeat(5000)}`]: '' }).length).toBeLessThan(150);
  });

  test('nor are twenty thousand, at no more cost than reading them', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`plumbline.dev/x${i}`, '']));
    const beganMs = performance.now();
    expect(reason(many)).toMatch(/^the annotation plumbline.dev\/x0 is not known; .*; 19995 more$/);
    expect(performance.now() - beganMs).toBeLessThan(2000);
  });

  test('all at once, up to five', () => {
    const annotations = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [`plumbline.dev/zz-${name}`, '']));
    expect(reason(annotations).split('; ')).toHaveLength(6);
    expect(reason(annotations)).toMatch(/; 2 more$/);
  });

  test('that contradicts another, or the settings', () => {
    expect(reason({ 'plumbline.dev/config': 'own', 'plumbline.dev/enforce': 'both', 'plumbline.dev/contract': 'c' })).toBe(
      'plumbline.dev/contract cannot go with plumbline.dev/config, which says it itself; plumbline.dev/enforce cannot go with plumbline.dev/config, which says it itself',
    );
    expect(reason({ 'plumbline.dev/log': 'off' }, { config: 'own' })).toBe(
      'plumbline.dev/log cannot go with the configuration in the ConfigMap own of the settings, which says it itself',
    );
    expect(reason({ 'plumbline.dev/memory-request': '300Mi' })).toBe(
      'plumbline.dev/memory-request: 300Mi is more than the limit, 256Mi: raise plumbline.dev/memory-limit too',
    );
    expect(reason({ 'plumbline.dev/memory-limit': '170Mi' }, { contract: 'c', resources: { requests: { memory: '200Mi' } } })).toBe(
      'plumbline.dev/memory-limit: 170Mi is less than the request, 200Mi: lower plumbline.dev/memory-request too',
    );
  });

  test('or none, where nobody names a contract', () => {
    expect(reason({}, {})).toBe(
      'no contract is named: annotate plumbline.dev/contract: <ConfigMap>[/<key>], or plumbline.dev/config: <ConfigMap>',
    );
  });
});
