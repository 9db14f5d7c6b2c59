import type { Kubelet } from '../kubelet/kubelet.ts';
import type { Pod } from '../kubelet/pod-spec.ts';
import type { PlayedPod } from '../kubelet/pod.ts';
import { Service } from '../kubelet/service.ts';
import { hold } from './checks.ts';
import { READY_MS, passing } from './life.ts';
import { Load, type LoadResult } from './load.ts';
import { injectedPod } from './pods.ts';

/** How late a Service may see a change: what EndpointSlices and kube-proxy take in a cluster that is busy. */
const LATEST_MS = 2000;
/** Within that it has, however busy this machine is. */
const SEEN_MS = 60_000;

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
  /** How late the Service sees that a pod comes, or goes. */
  readonly lateMs: (listed: boolean) => number;
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
  await old[0]?.until(() => service.size === old.length, 'in the Service', SEEN_MS);
  const load = new Load(() => service.pick());
  const fresh: PlayedPod[] = [];
  try {
    load.start(perSecond);
    await passing(1000);
    for (const [i, name] of names.entries()) {
      fresh.push(await start(`orders-2-${name}`));
      void old[i]?.delete();
    }
    await Promise.all(old.map((pod) => pod.ended));
    await fresh[0]?.until(() => fresh.every((pod) => service.has(pod)), 'in the Service', SEEN_MS);
    await passing(1000);
  } catch (error) {
    await load.stop(); // the acts after this one have the machine to themselves
    throw error;
  } finally {
    service.close();
  }
  return { load: await load.stop(), old, fresh, lateConnections: service.lateConnections };
}

/** In seconds, as docs/kubernetes/life.md has it. A legacy sidecar serves for five seconds after its SIGTERM: the app must be there for longer. */
const LINGERS = { native: 5, legacy: 8 } as const;
/** A native sidecar keeps connections without use for three seconds from its hook on. One that is done later than that leaves no time before the app ends. */
const HOOK_MS = 1500;
const TRIES = 3;

/** How long it took at most until a native sidecar had heard that its pod ends. */
function hookMs(pods: readonly PlayedPod[]): number {
  return Math.max(...pods.map((pod) => (pod.at('plumbline: preStop done') ?? Infinity) - (pod.at('deleted') ?? 0)));
}

/** A rollout. One in which this machine had no time for the hook, and which is not as it should be, shows nothing, and is repeated. */
async function soundRollout(kubelet: Kubelet, form: 'native' | 'legacy', perSecond: number): Promise<Rollout> {
  for (let tries = 1; ; tries++) {
    // Of three that go, one is seen as late as can be, so that connections do come, one at once, one as it falls.
    const going = [LATEST_MS, 0];
    const rollout = await rollingRestart(kubelet, {
      count: 3,
      perSecond,
      lateMs: (listed) => (listed ? undefined : going.shift()) ?? Math.random() * LATEST_MS,
      templateOf: (name) => injectedPod(`${form}-${name}`, { form, lingers: LINGERS[form] }),
    });
    const tookMs = hookMs(rollout.old);
    if (form === 'legacy') return rollout;
    console.log(`       the hook was done ${tookMs.toFixed(0)} ms after its pod began to end, at most`);
    const { load, lateConnections } = rollout;
    if ((load.losses.length === 0 && lateConnections > 0) || tookMs < HOOK_MS || tries === TRIES) return rollout;
    console.log(`       void: ${load.losses.length} requests were lost, and the machine was too busy to start the hook: once more`);
    await Promise.all(rollout.fresh.map((pod) => pod.delete()));
  }
}

/** Nothing may be lost, nothing may happen twice, and all who were replaced end as they should. */
export async function holdRollout(kubelet: Kubelet, form: 'native' | 'legacy', perSecond: number): Promise<void> {
  const { load, old, fresh, lateConnections } = await soundRollout(kubelet, form, perSecond);
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
