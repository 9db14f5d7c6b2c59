import { applyEdits } from '../edit.ts';
import { injectPod } from '../inject.ts';
import type { PodLike } from '../pod.ts';
import type { Injected, Refused, Where } from '../result.ts';
import { type InjectSettings, parseInjectSettings } from '../settings.ts';

/** A pod of a test: `any`, as the test itself has made its shape. */
export type Loose = any;

export const DEPLOYMENT: Where = { kind: 'Deployment', name: 'billing', namespace: 'shop', isJob: false };

/** Settings that name a contract, so that a pod needs no annotation. @throws where they are wrong: a mistake of the test. */
export function settings(written: Readonly<Record<string, unknown>> = { contract: 'billing-openapi' }): InjectSettings {
  const parsed = parseInjectSettings(written);
  if (parsed.settings === undefined) throw new Error(JSON.stringify(parsed.problems));
  return parsed.settings;
}

/** A pod template with one container `web`. */
export function podOf(
  web: Readonly<Record<string, unknown>> = {},
  rest: { readonly spec?: object; readonly metadata?: object } = {},
): Loose {
  return {
    metadata: { labels: { app: 'billing' }, ...rest.metadata },
    spec: { containers: [{ name: 'web', image: 'example/web:1', ports: [{ name: 'http', containerPort: 8080 }], ...web }], ...rest.spec },
  };
}

export const annotated = (annotations: Readonly<Record<string, unknown>>): Loose => podOf({}, { metadata: { annotations } });

export interface Done extends Injected {
  readonly pod: Loose;
  /** The container that came in. */
  readonly sidecar: Loose;
}

/** The pod after its injection. @throws where it is not injected. */
export function injected(pod: PodLike, how: InjectSettings = settings(), where: Where = DEPLOYMENT): Done {
  const result = injectPod(pod, where, how);
  if (result.is !== 'injected') throw new Error(JSON.stringify(result));
  const after = applyEdits(pod, result.edits) as Loose;
  const all = [...after.spec.containers, ...(after.spec.initContainers ?? [])] as Loose[];
  return { ...result, pod: after, sidecar: all.find(({ name }) => name === 'plumbline') };
}

/** Why a pod is refused. @throws where it is not. */
export function refusal(pod: PodLike, how: InjectSettings = settings(), where: Where = DEPLOYMENT): Refused {
  const result = injectPod(pod, where, how);
  if (result.is !== 'refused') throw new Error(JSON.stringify(result));
  return result;
}
