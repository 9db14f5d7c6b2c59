import { isMapping } from '../core/schema/object.ts';
import { drainWithin } from './drain.ts';
import { ANNOTATIONS } from './names.ts';
import type { PodView } from './pod.ts';
import { amountOf } from './quantity.ts';
import type { TakenPort } from './takeover.ts';
import type { Wishes } from './wishes.ts';

/** How much longer than Plumbline accepts the app has to answer, in seconds: for what was accepted last (docs/kubernetes/life.md). */
const AFTER_DELAY = 3;

/** What an operator should know of a pod that is injected all the same. Each one line. */
export function warnings(
  view: PodView,
  { form, config, resources }: Wishes,
  { container, port, number }: TakenPort,
  period: number,
): string[] {
  const { spec } = view;
  const found: string[] = [];
  if (port?.hostPort !== undefined && port.hostPort !== null) {
    found.push(`hostPort ${String(port.hostPort)} of ${container.name} leads to the app itself, past Plumbline`);
  }
  if (port === undefined) found.push(`no container declares port ${number}; it is taken to be that of ${container.name}`);
  if (isMapping(spec.securityContext) && isMapping(spec.securityContext.appArmorProfile)) {
    found.push('spec.securityContext.appArmorProfile holds for Plumbline too: it must let it listen, connect and read its files');
  }
  if (form === 'legacy' && !(isMapping(container.value.lifecycle) && isMapping(container.value.lifecycle.preStop))) {
    const wait = (drainWithin(period, form)?.delay ?? 0) + AFTER_DELAY;
    found.push(`${container.name} is told to end when Plumbline is: with a preStop hook that waits ${wait} s it answers what still comes`);
  }
  if (isGuaranteed(view) && !isEven(resources)) {
    found.push(
      `the pod is no longer of the QoS class Guaranteed: ${ANNOTATIONS.cpuRequest} and its like can say limits that are the requests`,
    );
  }
  if (config !== undefined) {
    const drain = drainWithin(period, form);
    if (drain !== undefined) {
      found.push(
        `the pod ends within ${period} s: the ConfigMap ${config} should say drain: { delay: ${drain.delay}s, grace: ${drain.grace}s }`,
      );
    }
  }
  return found;
}

/** Of the Kubernetes documentation, "Pod Quality of Service Classes": every container has limits for both, and requests that are the same or not there. */
function isGuaranteed({ containers }: PodView): boolean {
  return containers.every(({ value: { resources } }) => isMapping(resources) && isEven(resources));
}

function isEven({ requests, limits }: Readonly<Record<string, unknown>>): boolean {
  const [asked, most] = [requests ?? {}, limits];
  if (!isMapping(most) || !isMapping(asked)) return false;
  return ['cpu', 'memory'].every((name) => most[name] !== undefined && (asked[name] === undefined || isSame(asked[name], most[name])));
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || amountOf(String(a)) === amountOf(String(b));
}
