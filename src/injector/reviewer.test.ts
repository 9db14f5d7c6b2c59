import { Pod } from 'kubernetes-models/v1/Pod';
import { beforeEach, describe, expect, it } from 'vitest';
import { admissionReview, operationsOf, patched, rolloutPod } from '../../test/kit/admission.ts';
import { RecordingLog } from '../../test/kit/log.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import { applyEdits } from '../inject/edit.ts';
import { injectPod } from '../inject/inject.ts';
import { INJECTED } from '../inject/names.ts';
import { DEFAULT_SETTINGS } from '../inject/settings.ts';
import { Reviewer } from './reviewer.ts';
import type { InjectorSettings } from './settings-in-force.ts';

type Mapping = Record<string, unknown>;

let log: RecordingLog;
let meter: RecordingMeter;
let settings: InjectorSettings;
beforeEach(() => {
  [log, meter] = [new RecordingLog(), new RecordingMeter()];
  settings = { inject: DEFAULT_SETTINGS, onRefused: 'allow' };
});

interface Answer {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly status?: Mapping;
  readonly auditAnnotations: Mapping;
}

/** Answers one review, and checks what is true of each answer: the API server refuses it otherwise. */
function answer(pod: unknown, more: Mapping = {}, inject = injectPod): { outcome: string; response: Answer } {
  const reviewer = new Reviewer({ settings: () => settings, meter, logger: log, inject });
  const { status, outcome, body } = reviewer.review(Buffer.from(JSON.stringify(admissionReview(pod, more))));
  const { response, ...envelope } = body as { response: Answer };
  expect({ status, ...envelope }).toEqual({ status: 200, apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
  expect(response.uid).toBe('705ab4f5-6393-11e8-b7cc-42010a800002');
  expect(response.patchType).toBe(response.patch === undefined ? undefined : 'JSONPatch');
  expect(response.warnings ?? [''].filter((w) => w.length > 120)).not.toContainEqual(expect.stringMatching(/^.{121,}$/));
  expect(response.auditAnnotations.outcome).toBe(outcome);
  return { outcome, response };
}

function pod(change: (pod: ReturnType<typeof rolloutPod>) => void): unknown {
  const made = rolloutPod();
  change(made);
  return made;
}

describe('a pod of a rollout', () => {
  it('is injected as plumbline inject does it', () => {
    const { outcome, response } = answer(rolloutPod());
    const where = { kind: 'Deployment', name: 'orders', namespace: 'shop', isJob: false };
    const result = injectPod(rolloutPod(), where, DEFAULT_SETTINGS);
    expect([outcome, result.is]).toEqual(['injected', 'injected']);
    const operations = operationsOf({ response });
    expect(patched(rolloutPod(), operations)).toEqual(result.is === 'injected' ? applyEdits(rolloutPod(), result.edits) : undefined);
  });

  it('is a pod that the API takes, with every list that has keys free of duplicates', () => {
    const after = patched(rolloutPod(), operationsOf({ response: answer(rolloutPod()).response })) as ReturnType<typeof rolloutPod>;
    // The API server sends a time of creation that it has not made yet.
    const { creationTimestamp: _, ...metadata } = after.metadata;
    new Pod({ ...after, metadata } as unknown as ConstructorParameters<typeof Pod>[0]).validate();
    const spec = after.spec as Record<'containers' | 'initContainers' | 'volumes', Mapping[]>;
    const all = [...spec.containers, ...spec.initContainers];
    expect(all.map(({ name }) => name)).toContain('plumbline');
    // What server-side apply merges by (`listMapKey` of the API): an entry that is there twice is refused.
    const keys = [
      all.map(({ name }) => name),
      spec.volumes.map(({ name }) => name),
      ...all.map(({ env }) => ((env ?? []) as Mapping[]).map(({ name }) => name)),
      ...all.map(({ volumeMounts }) => ((volumeMounts ?? []) as Mapping[]).map(({ mountPath }) => mountPath)),
      ...all.map(({ ports }) =>
        ((ports ?? []) as Mapping[]).map(({ containerPort, protocol }) => `${String(containerPort)}/${String(protocol ?? 'TCP')}`),
      ),
    ];
    for (const list of keys) expect(new Set(list).size).toBe(list.length);
  });

  it('asked about again is left alone', () => {
    const after = patched(rolloutPod(), operationsOf({ response: answer(rolloutPod()).response }));
    const again = answer(after);
    expect(again).toEqual({ outcome: 'unchanged', response: { ...again.response, allowed: true } });
    expect(again.response.patch).toBeUndefined();
  });

  it('is answered alike in a dry run', () => {
    expect(answer(rolloutPod(), { dryRun: true })).toEqual(answer(rolloutPod()));
  });

  it('is told of in the log, with names', () => {
    answer(rolloutPod());
    expect(log.entries).toEqual([
      {
        level: 'info',
        message: 'a pod has its sidecar',
        fields: expect.objectContaining({ namespace: 'shop', workload: 'Deployment/orders' }),
      },
    ]);
  });

  it('gets what the settings say at that moment', () => {
    settings = { ...settings, inject: { ...DEFAULT_SETTINGS, image: 'mirror.example.com/plumbline:1' } };
    expect(JSON.stringify(operationsOf({ response: answer(rolloutPod()).response }))).toContain('mirror.example.com/plumbline:1');
  });
});

describe('a pod stays as it is', () => {
  it.each<[string, string, unknown, Mapping]>([
    [
      'where its label says so',
      'opted_out',
      pod(({ metadata }) => Object.assign(metadata.labels as Mapping, { 'plumbline.dev/inject': 'disabled' })),
      {},
    ],
    ['where it is changed', 'unchanged', rolloutPod(), { operation: 'UPDATE', oldObject: rolloutPod() }],
    ['where it is deleted', 'unchanged', null, { operation: 'DELETE', oldObject: rolloutPod() }],
    ['where a container is added for debugging', 'unchanged', rolloutPod(), { operation: 'UPDATE', subResource: 'ephemeralcontainers' }],
    ['where it is bound', 'unchanged', { kind: 'Binding' }, { subResource: 'binding' }],
  ])('%s: %s', (_, expected, given, more) => {
    const { outcome, response } = answer(given, more);
    expect(outcome).toBe(expected);
    expect(response).toMatchObject({ allowed: true });
    expect([response.patch, response.warnings]).toEqual([undefined, undefined]);
    expect(log.entries).toEqual([]);
  });

  it('with a warning where it cannot have a sidecar', () => {
    const { outcome, response } = answer(pod(({ spec }) => Object.assign(spec, { hostNetwork: true })));
    expect([outcome, response.allowed, response.patch]).toEqual(['refused', true, undefined]);
    expect(response.warnings).toEqual([expect.stringMatching(/^plumbline: not injected: .*hostNetwork/)]);
    expect(response.auditAnnotations.reason).toMatch(/hostNetwork/);
    expect(log.entries).toEqual([expect.objectContaining({ level: 'warn', message: 'a pod stays without sidecar' })]);
  });

  it('where it is no pod at all: the rules ask about too much', () => {
    const { outcome, response } = answer({ kind: 'Deployment' }, { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } });
    expect([outcome, response.allowed, response.patch]).toEqual(['invalid', true, undefined]);
    expect(response.warnings?.[0]).toMatch(/Deployment is no pod: the rules of the webhook name too much/);
  });

  it('names of any length are shortened in answer and log', () => {
    const kind = 'x'.repeat(1_000_000);
    const { response } = answer({}, { kind: { group: '', version: 'v1', kind } });
    expect(JSON.stringify(response).length).toBeLessThan(1500);
    expect(log.lines[0]).toMatch(/^warn a pod stays without sidecar/);
    expect(JSON.stringify(log.entries).length).toBeLessThan(1500);
  });

  it.each([
    {},
    { spec: 7 },
    { spec: { containers: [] } },
    { metadata: [], spec: {} },
    { spec: { containers: [{ name: 'a', ports: [{ containerPort: 'x' }] }] } },
  ])('where it is malformed: %j', (given) => {
    const { outcome, response } = answer(given);
    expect([outcome, response.allowed, response.patch]).toEqual(['refused', true, undefined]);
  });
});

describe('annotations that are wrong', () => {
  const wrong = pod(({ metadata }) => Object.assign(metadata.annotations as Mapping, { 'plumbline.dev/enforce': 'sometimes' }));

  it('leave the pod without sidecar', () => {
    const { outcome, response } = answer(wrong);
    expect([outcome, response.allowed, response.status]).toEqual(['refused', true, undefined]);
    expect(response.warnings?.[0]).toMatch(/plumbline.dev\/enforce/);
  });

  it('have it refused where that is asked for', () => {
    settings = { ...settings, onRefused: 'deny' };
    const { outcome, response } = answer(wrong);
    expect([outcome, response.allowed, response.warnings]).toEqual(['refused', false, undefined]);
    expect(response.status).toMatchObject({ code: 422, message: expect.stringMatching(/^plumbline: .*plumbline.dev\/enforce/) });
    expect(log.lines[0]).toMatch(/^warn a pod is refused/);
  });

  it('and nothing else has', () => {
    settings = { ...settings, onRefused: 'deny' };
    expect(answer(pod(({ spec }) => Object.assign(spec, { hostNetwork: true }))).response.allowed).toBe(true);
  });
});

describe('a fault of ours', () => {
  it.each<[string, typeof injectPod]>([
    [
      'that throws',
      () => {
        throw new Error('a bug');
      },
    ],
    [
      'whose edits do not fit, which an API server would refuse the pod for',
      (...given) => ({ ...injectPod(...given), edits: [{ op: 'remove', path: ['spec', 'nothing'] }] }) as ReturnType<typeof injectPod>,
    ],
    [
      'whose edits have no value',
      (...given) =>
        ({ ...injectPod(...given), edits: [{ op: 'add', path: ['spec', 'a'], value: undefined }] }) as ReturnType<typeof injectPod>,
    ],
  ])('%s leaves the pod as it is, and is told with its place', (_, inject) => {
    const { outcome, response } = answer(rolloutPod(), {}, inject);
    expect([outcome, response.allowed, response.patch]).toEqual(['failed', true, undefined]);
    expect(response.warnings).toEqual([expect.stringMatching(/a fault in Plumbline/)]);
    expect(log.entries).toEqual([
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ reason: expect.stringMatching(/ at /) }) }),
    ]);
  });
});

it('what is no review is 400, and says why', () => {
  const reviewer = new Reviewer({ settings: () => settings, meter, logger: log });
  expect(reviewer.review(Buffer.from('{}'))).toMatchObject({
    status: 400,
    outcome: 'invalid',
    body: { status: 400, detail: expect.stringMatching(/AdmissionReview/) },
  });
  expect(log.entries).toHaveLength(1);
});

it('answers are counted by outcome, and measured', () => {
  const reviewer = new Reviewer({ settings: () => settings, meter, logger: log });
  for (const outcome of ['injected', 'injected', 'failed']) reviewer.answered(outcome, 0.002);
  expect(meter.value('injector_reviews_total', { outcome: 'injected' })).toBe(2);
  expect(meter.value('injector_reviews_total', { outcome: 'failed' })).toBe(1);
  expect(meter.observations('injector_review_duration_seconds')).toEqual([0.002, 0.002, 0.002]);
});

it('no pod is changed that has been injected', () => {
  const { response } = answer(pod(({ metadata }) => Object.assign(metadata.annotations as Mapping, { [INJECTED]: '{}' })));
  expect([response.allowed, response.patch]).toEqual([true, undefined]);
});
