import { setTimeout as sleep } from 'node:timers/promises';
import { carryOut } from './probing.ts';
import type { Slot } from './slot.ts';

/** Kubelet gives each container at least that, however much its hook took. */
const LEAST_MS = 2000;

/**
 * Ends the containers of a pod as kubelet does (`kuberuntime`: killContainersWithSyncResult, killContainer): all at once run their `preStop` hooks, sidecars
 * too; then the app's containers get SIGTERM; a sidecar waits for its turn, which comes when all app containers and the sidecars after it have ended.
 * The grace is one for all: what hooks and waiting took is taken off it. Resolves when all have ended.
 */
export async function terminate(slots: readonly Slot[], graceSeconds: number, podIp: string, tell: (what: string) => void): Promise<void> {
  const giveUpAt = performance.now() + graceSeconds * 1000;
  const left = (): number => Math.max(0, giveUpAt - performance.now());
  const gone = (slot: Slot): boolean => slot.running === undefined;
  await Promise.all(
    slots.map(async (slot, i) => {
      const { running, spec, kind } = slot;
      if (running === undefined) return;
      slot.endProbes();
      const preStop = spec.lifecycle?.preStop;
      if (preStop !== undefined && left() > 0) {
        tell(`${slot.name}: preStop`);
        const fault = await carryOut(preStop, { podIp, container: spec, running }, left());
        tell(`${slot.name}: preStop ${fault === undefined ? 'done' : `failed: ${fault}`}`);
      }
      const before = kind === 'sidecar' ? slots.filter((other, at) => at > i && other.kind !== 'init') : [];
      while (!before.every(gone) && left() > 0) await sleep(5);
      tell(`${slot.name}: SIGTERM`);
      await running.stop(Math.max(left(), LEAST_MS));
      while (!gone(slot)) await sleep(1); // the pod has seen it, too
    }),
  );
}
