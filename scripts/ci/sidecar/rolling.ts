import type { Kubelet } from '../kubelet/kubelet.ts';
import type { Pod } from '../kubelet/pod-spec.ts';
import type { PlayedPod } from '../kubelet/pod.ts';
import { Service } from '../kubelet/service.ts';
import { hold } from './checks.ts';
import { Load, type LoadResult } from './load.ts';
import { injectedPod } from './pods.ts';

/** How late a Service may see a change: what EndpointSlices and kube-proxy take in a cluster that is busy. */
const LATEST_MS = 2000;
const READY_MS = 60_000;

export interface Rollout {
  readonly load: LoadResult;
  /** Those that were replaced, all of them gone. */
  readonly old: readonly PlayedPod[];
  /** Those in their place: still running. */
  readonly fresh: readonly PlayedPod[];
  /** Connections that went to a pod which had already begun to end. */
  readonly lateConnections: number;
}

interface Plan {
  /** Of pods, three at most. */
  readonly count: number;
  readonly perSecond: number;
  /** How late the Service sees a change. */
  readonly lateMs: () => number;
  /** The pod of a name. */
  readonly templateOf: (name: string) => Pod;
}

/**
 * Pods behind a Service, load on them, and a Deployment's rolling restart (25 % of three: one more than three, never one less): a pod is deleted as soon
 * as its successor is ready, and ends while the next comes.
 */
async function rollingRestart(kubelet: Kubelet, { count, lateMs, perSecond, templateOf }: Plan): Promise<Rollout> {
  const service = new Service('http', lateMs);
  const names = ['a', 'b', 'c'].slice(0, count);
  const start = async (name: string): Promise<PlayedPod> => {
    const pod = kubelet.run(templateOf(name));
    service.follow(pod);
    await pod.until(() => pod.ready, 'ready', READY_MS);
    return pod;
  };
  const old = await Promise.all(names.map((name) => start(`orders-1-${name}`)));
  await old[0]?.until(() => service.size === old.length, 'in the Service', 2 * LATEST_MS);
  const load = new Load(() => service.pick());
  load.start(perSecond);
  await passing(1000);
  const fresh: PlayedPod[] = [];
  for (const [i, name] of names.entries()) {
    fresh.push(await start(`orders-2-${name}`));
    void old[i]?.delete();
  }
  await Promise.all(old.map((pod) => pod.ended));
  await fresh[0]?.until(() => fresh.every((pod) => service.has(pod)), 'in the Service', 2 * LATEST_MS);
  await passing(1000);
  const result = await load.stop();
  service.close();
  return { load: result, old, fresh, lateConnections: service.lateConnections };
}

function passing(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Nothing may be lost, nothing may happen twice, and all who were replaced end as they should. */
export async function holdRollout(kubelet: Kubelet, form: 'native' | 'legacy', perSecond: number): Promise<void> {
  // A legacy sidecar serves for five seconds after its SIGTERM: the app must be there for as long.
  const lingers = form === 'native' ? 4 : 8;
  const { load, old, fresh, lateConnections } = await rollingRestart(kubelet, {
    count: 3,
    perSecond,
    lateMs: () => Math.random() * LATEST_MS,
    templateOf: (name) => injectedPod(`${form}-${name}`, { form, lingers }),
  });
  const { sent, good, losses, made, latestMs, connections } = load;
  hold(
    `${good} of ${sent} requests at ${perSecond}/s are answered 2xx, over ${connections} connections; none was sent later than ${latestMs} ms`,
    sent > 5 * perSecond && good === sent,
    () =>
      losses
        .slice(0, 20)
        .map((loss) => JSON.stringify(loss))
        .join('\n'),
  );
  hold(`${lateConnections} connections went to pods that had begun to end`, lateConnections > 0);
  const codes = old.flatMap(({ slots }) => slots.map(({ lastCode }) => lastCode));
  hold(
    `the ${old.length} pods that were replaced ended with ${codes.join()}`,
    codes.every((code) => code === 0),
    () => old.map(({ story }) => story).join('\n'),
  );
  await Promise.all(fresh.map((pod) => pod.delete()));
  const pods = [...old, ...fresh];
  const done = pods.flatMap((pod) => [...pod.slot('app').log.matchAll(/^made (\S+)$/gm)].map(([, id]) => id as string));
  hold(
    `each of ${made.length} POSTs was carried out once`,
    done.toSorted().join() === made.toSorted().join(),
    () => `${done.length} were carried out`,
  );
  const lines = pods.reduce((sum, pod) => sum + (pod.slot('plumbline').log.match(/"msg":"exchange"/g)?.length ?? 0), 0);
  hold(`${lines} lines in the logs of the sidecars, one a request`, lines === sent);
}

/** One pod and its successor, where the sidecar does not hear that its pod ends, or the app does not wait for the Service: then requests are lost, and that is seen. */
export async function holdLosses(kubelet: Kubelet, without: 'no hook' | 'no lingering', perSecond: number): Promise<void> {
  const { load } = await rollingRestart(kubelet, {
    count: 1,
    perSecond,
    lateMs: () => LATEST_MS,
    templateOf: (name) => {
      const pod = injectedPod(name, without === 'no hook' ? { lingers: 2 } : {});
      const { initContainers = [] } = pod.spec;
      const bare = without === 'no hook' ? initContainers.map(({ lifecycle, ...rest }) => rest) : initContainers;
      return { ...pod, spec: { ...pod.spec, initContainers: bare, terminationGracePeriodSeconds: 8 } };
    },
  });
  const { sent, good, losses } = load;
  hold(
    `${without}: ${losses.length} of ${sent} requests are lost`,
    losses.length > 0 && good + losses.length === sent,
    () => `${good} were answered well`,
  );
}
