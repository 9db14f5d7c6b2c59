import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { FakeBody, type Given, answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';
import { Children } from '../../core/children.ts';
import { metrics } from './stage.ts';

const operation = fakeOperation({ id: 'createPayment' });

function measured(change: (x: Exchange) => void = () => undefined, given: Given = {}) {
  const deps = fakeDeps();
  const stage = metrics.compile(undefined, routeSpec(), deps);
  const x = exchange({ method: 'POST', match: { operation, params: new Map() }, ...given });
  stage.onRequest();
  const inFlight = deps.meter.value('requests_in_flight');
  Object.assign(x, { end: 'complete', answer: answerOf(201) });
  x.headAt = x.startedAt + 30;
  x.upstreamMs = 25;
  deps.clock.advance(40);
  change(x);
  stage.onFinish(x);
  const close = (name: string): number[] => deps.meter.observations(name).map((seconds) => Math.round(seconds * 1e6) / 1e6);
  return { meter: deps.meter, inFlight, close };
}

describe('the metrics of an exchange', () => {
  it('count it by outcome, operation and consumer', () => {
    const { meter } = measured((x) => {
      x.consumer = { name: 'web shop', version: '2.0' };
    });
    expect(meter.series('requests_total')).toEqual({
      'direction=ingress,api=billing,operation=createPayment,method=POST,status_code=201,code=,origin=upstream': 1,
    });
    expect(meter.series('consumer_requests_total')).toEqual({
      'direction=ingress,api=billing,consumer=web shop,consumer_version=2.0,status_class=2xx': 1,
    });
  });

  it.each(['replay', 'fallback'] as const)('count a %s as an answer of the gateway', (origin) => {
    const { meter } = measured((x) => Object.assign(x, { answer: answerOf(201, { origin }) }));
    expect(meter.value('requests_total', { status_code: '201', origin: 'gateway' })).toBe(1);
  });

  it('measure it in seconds, from its head to its last byte', () => {
    const { meter, close } = measured();
    expect(close('request_duration_seconds')).toEqual([0.04]);
    expect(meter.value('request_duration_seconds', { operation: 'createPayment', status_class: '2xx' })).toBe(1);
    expect(close('gateway_overhead_seconds')).toEqual([0.005]);
  });

  it('show the span of an exchange whose trace is exported, and no other', () => {
    const traced = measured((x) => Object.assign(x, { traceId: 'a', spanId: 'b', trace: { parentId: '', flags: '03', state: '' } })).meter;
    expect(traced.exemplars('request_duration_seconds')).toEqual([{ traceId: 'a', spanId: 'b' }]);
    const untraced = measured((x) => Object.assign(x, { traceId: 'a', spanId: 'b' })).meter;
    expect([untraced.exemplars('request_duration_seconds'), untraced.value('request_duration_seconds')]).toEqual([[], 1]);
  });

  it('have it in flight as long as it lasts', () => {
    const { meter, inFlight } = measured();
    expect([inFlight, meter.value('requests_in_flight')]).toEqual([1, 0]);
  });

  it('tell a refusal by its code', () => {
    const { meter } = measured((x) => Object.assign(x, { answer: refuse(rejection('OVERLOADED', '')) }));
    expect(meter.value('requests_total', { status_code: '503', code: 'OVERLOADED', origin: 'gateway' })).toBe(1);
    expect(meter.value('request_duration_seconds', { status_class: '5xx' })).toBe(1);
  });

  it('EV-3: a client that left is counted as 499 and is in no duration', () => {
    const { meter } = measured((x) => Object.assign(x, { end: 'client-closed', answer: undefined, headAt: undefined }));
    expect(meter.value('requests_total', { status_code: '499', code: 'CLIENT_CLOSED' })).toBe(1);
    expect(meter.value('consumer_requests_total', { status_class: '4xx' })).toBe(1);
    expect([meter.value('request_duration_seconds'), meter.value('gateway_overhead_seconds')]).toEqual([0, 0]);
    expect(meter.value('requests_in_flight')).toBe(0);
  });

  it('EV-3: one that left in mid-answer is in no duration either', () => {
    const { meter } = measured((x) => Object.assign(x, { end: 'client-closed' }));
    expect(meter.value('requests_total', { status_code: '499', code: 'CLIENT_CLOSED', origin: 'upstream' })).toBe(1);
    expect([meter.value('request_duration_seconds'), meter.value('gateway_overhead_seconds')]).toEqual([0, 0]);
  });

  it('measure bodies where there are any', () => {
    const body = new FakeBody('ended');
    body.receivedBytes = 512;
    const { meter } = measured(
      (x) => {
        x.responseBytes = 99;
      },
      { body },
    );
    expect([meter.observations('request_body_bytes'), meter.observations('response_body_bytes')]).toEqual([[512], [99]]);
    const none = measured().meter;
    expect([none.value('request_body_bytes'), none.value('response_body_bytes')]).toEqual([0, 0]);
  });

  it('RT-2: count tries after the first by what the one before had come to', () => {
    const { meter } = measured((x) => Object.assign(x, { attempts: 3 }).retryReasons.push('UPSTREAM_RESET', '503'));
    expect(meter.series('retries_total')).toEqual({
      'api=billing,operation=createPayment,reason=UPSTREAM_RESET': 1,
      'api=billing,operation=createPayment,reason=503': 1,
    });
  });

  it('fold methods that callers invent', () => {
    expect(measured(undefined, { method: 'BREW' }).meter.value('requests_total', { method: '_OTHER' })).toBe(1);
  });

  it('never give the overhead as less than nothing', () => {
    const { close } = measured((x) => {
      x.upstreamMs = 1000;
    });
    expect(close('gateway_overhead_seconds')).toEqual([0]);
  });

  it('of small contracts are born with the route, so that a first increase is seen', () => {
    const born = (operations: number): number => {
      const { meter, ...deps } = fakeDeps();
      const made = new Set<string>();
      const spied = {
        ...meter,
        histogram: spy,
        counter: meter.counter.bind(meter),
        gauge: meter.gauge.bind(meter),
      } as unknown as typeof meter;
      function spy(spec: { name: string }) {
        return {
          with: (...values: string[]) => {
            if (spec.name === 'request_duration_seconds') made.add(values.join());
            return { observe: () => undefined };
          },
        };
      }
      const contract = fakeContract(Array.from({ length: operations }, (_, i) => fakeOperation({ id: `op${i}` })));
      metrics.compile(undefined, routeSpec({ contract }), { ...deps, meter: spied });
      return made.size;
    };
    expect([born(50), born(51)]).toEqual([50, 0]);
  });
});

describe('children of a family', () => {
  it('are made once for each value', () => {
    const made: string[] = [];
    const children = new Children((key) => {
      made.push(key);
      return { key };
    });
    expect(children.get('a')).toBe(children.get('a'));
    expect([children.get('__proto__').key, made]).toEqual(['__proto__', ['a', '__proto__']]);
  });

  it('are remembered up to a limit and right beyond it', () => {
    const children = new Children((key) => ({ key }));
    for (let i = 0; i < 2000; i++) children.get(`k${i}`);
    expect(children.get('k1999')).toBe(children.get('k1999'));
    expect(children.get('late')).not.toBe(children.get('late'));
    expect(children.get('late').key).toBe('late');
  });

  it('RT-8: of small contracts tell from the start that nothing was repeated, suppressed or asked again', () => {
    const deps = fakeDeps();
    metrics.compile(undefined, routeSpec({ contract: fakeContract([fakeOperation({ id: 'op' })]) }), deps);
    const names = ['retry_outcomes_total', 'retries_suppressed_total', 'client_retries_total'];
    expect(names.map((name) => deps.meter.born(name))).toEqual([2, 7, 1]);
  });
});
