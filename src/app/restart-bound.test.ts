import { expect, it } from 'vitest';
import { settingsOf } from '../../test/kit/gateway-config.ts';
import { takeable } from './restart-bound.ts';

const of = (sections: object = {}, listener: object = {}) => settingsOf({ upstream: 1, listener, sections }, '/');

it('all but what is made once is as in the new configuration', () => {
  const next = of(
    { drain: { grace: '1s' }, trust: { peers: ['10.0.0.0/8'] }, errors: { detail: 'none' }, reload: { watch: false } },
    { port: 5 },
  );
  expect(takeable(of(), next)).toEqual({ settings: next, waiting: [] });
});

it.each([
  [{ admin: { port: 5 } }, ['admin.port']],
  [{ admin: { host: '0.0.0.0', port: 5, token: 's3cr3t' } }, ['admin.host', 'admin.port', 'admin.token']],
  [{ probes: { port: 5 } }, ['probes']],
  [{ state: { dir: '/var/lib/plumbline' } }, ['state']],
  [{ service: { name: 'billing', version: '2' } }, ['service.name', 'service.version']],
  [{ telemetry: { accessLog: 'off', limits: { lines: 6000 } } }, ['telemetry.accessLog', 'telemetry.limits.lines']],
  [{ store: { maxBytes: '1MiB' } }, ['store']],
  [{ store: { kind: 'redis', url: 'redis://127.0.0.1' } }, ['store']],
  [{ telemetry: { accessLog: '/access.log', traces: { otlp: 'http://127.0.0.1:1' } } }, ['telemetry.traces']],
])('%j waits for a restart, and the old value is kept', (sections, waiting) => {
  const before = of();
  const result = takeable(before, of({ ...sections, errors: { detail: 'none' } }));
  expect(result.waiting).toEqual(waiting);
  expect(result.settings).toEqual({ ...before, placeOf: expect.any(Function), errors: { detail: 'none' } });
});

it('the share of traces is taken, their receiver is not', () => {
  const traces = (otlp: string, sample: number) => of({ telemetry: { accessLog: 'off', traces: { otlp, sample } } });
  const { settings, waiting } = takeable(traces('http://127.0.0.1:1', 0.1), traces('http://127.0.0.1:2', 0.5));
  expect(settings.telemetry.traces).toMatchObject({ otlp: 'http://127.0.0.1:1', sample: 0.5 });
  expect(waiting).toEqual(['telemetry.traces.otlp']);
});
