import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_IMAGE, IMAGE_REPOSITORY, VERSION } from './image.ts';
import { DEFAULT_SETTINGS, PRIVATE_PEERS, describeProblem, parseInjectSettings } from './settings.ts';

const told = (written: unknown): string[] => parseInjectSettings(written).problems.map((problem) => describeProblem(problem));

describe('settings of an injection', () => {
  test('have defaults', () => {
    expect(parseInjectSettings({})).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
    expect(DEFAULT_SETTINGS).toEqual({
      image: DEFAULT_IMAGE,
      imagePullPolicy: undefined,
      form: 'native',
      config: undefined,
      contract: undefined,
      api: undefined,
      port: undefined,
      enforce: 'none',
      owner: undefined,
      log: 'stdout',
      trustedPeers: PRIVATE_PEERS,
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: undefined, memory: '256Mi' } },
    });
  });

  test('take what is said', () => {
    const written = {
      image: 'registry.example:5000/ops/plumbline:1.2.3@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
      imagePullPolicy: 'Always',
      form: 'legacy',
      contract: 'billing-openapi/v2.yaml',
      api: 'billing',
      port: 8080,
      enforce: 'both',
      owner: 'Zahlungen & Risiko',
      log: 'off',
      trustedPeers: ['10.1.0.0/16'],
      resources: { requests: { cpu: 0.25, memory: '100M' }, limits: { cpu: 1, memory: '0.5Gi' } },
    };
    expect(parseInjectSettings(written).settings).toEqual({
      ...written,
      config: undefined,
      contract: { configMap: 'billing-openapi', key: 'v2.yaml' },
      port: '8080',
      resources: { requests: { cpu: '0.25', memory: '100M' }, limits: { cpu: '1', memory: '0.5Gi' } },
    });
    expect(parseInjectSettings({ contract: 'billing' }).settings?.contract).toEqual({ configMap: 'billing', key: 'openapi.yaml' });
  });

  test.each([
    [{ imagePullPolicy: 'always' }, 'imagePullPolicy: "always" is not one of Always, IfNotPresent, Never; did you mean Always?'],
    [{ form: 'sidecar' }, 'form: "sidecar" is not one of native, legacy'],
    [{ enforce: 'requests' }, 'enforce: "requests" is not one of none, request, response, both; did you mean request?'],
    [{ enforce: true }, 'enforce: true is not one of none, request, response, both'],
    [{ log: 'stderr' }, 'log: "stderr" is not one of stdout, off'],
    [{ image: 'a b' }, 'image: "a b" is not a name of an image (registry/name:tag)'],
    [{ config: 'Billing' }, 'config: "Billing" is not a name of a ConfigMap (lower-case letters, digits, - and .)'],
    [{ contract: 'a/b/c' }, 'contract: "a/b/c" is not a ConfigMap with a contract (<ConfigMap> or <ConfigMap>/<key>)'],
    [{ contract: 'a/..' }, 'contract: "a/.." is not a ConfigMap with a contract (<ConfigMap> or <ConfigMap>/<key>)'],
    [{ api: '_x' }, 'api: "_x" is not a name of an API (letters, digits, . _ - ; begins with a letter or digit)'],
    [{ port: 0 }, 'port: "0" is not a name or number of a port (http, or 1 to 65535)'],
    [{ port: 65_536 }, 'port: "65536" is not a name or number of a port (http, or 1 to 65535)'],
    [{ port: 'HTTP' }, 'port: "HTTP" is not a name or number of a port (http, or 1 to 65535)'],
    [{ port: 'sixteen-letters1' }, 'port: is longer than 15 characters'],
    [{ owner: 'a$b' }, /^owner: "a\$b" is not a name of a team \(letters/],
    [{ trustedPeers: ['10.0.0.0/33'] }, 'trustedPeers.0: "10.0.0.0/33" is not a block of addresses like 10.0.0.0/8 or ::1/128'],
    [{ resources: { limits: { cpu: '1x' } } }, 'resources.limits.cpu: "1x" is not a CPU quantity like 250m or 0.5'],
    [{ resources: { limits: { cpu: '1Gi' } } }, 'resources.limits.cpu: "1Gi" is not a CPU quantity like 250m or 0.5'],
    [{ resources: { limits: { cpu: '10m' } } }, 'resources.limits.cpu: "10m" is too little; at least 50m'],
    [{ resources: { limits: { memory: '64Mi' } } }, 'resources.limits.memory: "64Mi" is too little; at least 160Mi'],
    [{ resources: { requests: { memory: '512Mi' } } }, 'resources.requests.memory: 512Mi is more than the limit, 256Mi'],
    [{ resources: { requests: { cpu: '2' }, limits: { cpu: '1500m' } } }, 'resources.requests.cpu: 2 is more than the limit, 1500m'],
    [{ config: 'a', contract: 'b' }, 'contract: cannot go with `config`: the configuration in a says it itself'],
    [{ config: 'a', enforce: 'both' }, 'enforce: cannot go with `config`: the configuration in a says it itself'],
    [{ config: 'a', trustedPeers: [] }, 'trustedPeers: cannot go with `config`: the configuration in a says it itself'],
    [{ formm: 'native' }, 'formm: unknown key; did you mean form?'],
    [{ nonsense: 1 }, /^nonsense: unknown key; possible: image, imagePullPolicy, form, /],
    [[], 'the settings: expected a mapping, found a list'],
    [null, 'the settings: has no value; expected a mapping'],
  ])('%j is refused with its place', (written, message) => {
    expect(told(written)).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
  });

  test('tell every problem at once', () => expect(told({ form: 'x', log: 'y', api: '' })).toHaveLength(3));

  test('never throw, whatever they are', () => {
    const keys = fc.constantFrom(...Object.keys(DEFAULT_SETTINGS), '__proto__', 'constructor');
    const written = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()));
    fc.assert(
      fc.property(written, (value) => {
        const { settings, problems } = parseInjectSettings(value);
        expect(settings === undefined).toBe(problems.length > 0);
      }),
    );
  });
});

test('the image is that of this version, and of the chart', () => {
  expect(DEFAULT_IMAGE).toBe(`ghcr.io/plumbline/plumbline:${VERSION}`);
  const values = readFileSync(new URL('../../helm/plumbline/values.yaml', import.meta.url), 'utf8');
  expect(values).toMatch(new RegExp(`^ +repository: ${IMAGE_REPOSITORY}$`, 'm'));
});
