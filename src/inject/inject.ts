import { show } from '../core/schema/show.ts';
import { annotate } from './annotate.ts';
import { configurationText } from './configuration.ts';
import { drainWithin, terminationPeriod } from './drain.ts';
import { behindUs } from './mesh.ts';
import { CONTAINER, INJECTED, INJECT_LABEL } from './names.ts';
import { type Numbers, chooseNumbers } from './numbers.ts';
import { Plan } from './plan.ts';
import { type PodLike, type PodView, viewPod } from './pod.ts';
import { referencesTo } from './port-references.ts';
import { type Injected, type Refused, type Takeover, type Unchanged, type Where, refused } from './result.ts';
import type { InjectSettings } from './settings.ts';
import { sidecar, volumes } from './sidecar.ts';
import { spokenBy } from './spoken.ts';
import { type TakenPort, takePort } from './takeover.ts';
import { unfit } from './unfit.ts';
import { userOf } from './user.ts';
import { warnings } from './warnings.ts';
import { type Wishes, readWishes } from './wishes.ts';

export type { Edit } from './edit.ts';
export type { PodLike } from './pod.ts';
export type { Injected, Refused, Takeover, Unchanged, Uninjected, Where } from './result.ts';
export type { InjectSettings } from './settings.ts';

/**
 * Puts Plumbline beside the app of a pod, in front of one of its ports. Pure; never throws, whatever the pod. `pod`: a pod or a pod template. Whether it
 * is asked for (the label of its namespace, a command line) is for the caller to know; that its own label says `disabled` is seen here.
 */
export function injectPod(pod: PodLike, where: Where, settings: InjectSettings): Injected | Unchanged | Refused {
  const view = viewPod(pod);
  if ('is' in view) return view;
  const settled = isSettled(view) ?? unfit(view);
  if (settled !== undefined) return settled;
  const wishes = readWishes(view.annotations, where, settings);
  if ('is' in wishes) return wishes;
  if (wishes.form === 'legacy') {
    if (where.isJob) return refused('legacy_job', 'a legacy sidecar in a Job never ends, and with it the Job: the native form does');
    // Whatever made the pod: it is to come to an end.
    const { restartPolicy } = view.spec;
    if (restartPolicy === 'Never' || restartPolicy === 'OnFailure') {
      return refused(
        'legacy_job',
        `spec.restartPolicy is ${restartPolicy}, and with a legacy sidecar the pod never ends: with the native form it does`,
      );
    }
  }
  const taken = takePort(view, wishes.port);
  if ('is' in taken) return taken;
  const other = spokenBy(taken, wishes.port);
  if (other !== undefined) return other;
  const numbers = chooseNumbers(view, taken.number, wishes.config);
  if ('is' in numbers) return numbers;
  const behind = behindUs(view, wishes.form, numbers.probes);
  if (behind !== undefined) return behind;
  const period = terminationPeriod(view);
  if (typeof period !== 'number') return period;
  const takeover: Takeover = {
    app: { container: taken.container.name, number: taken.number, name: taken.nameOfApp },
    traffic: { name: taken.nameOfTraffic, number: numbers.traffic },
    renamed: taken.port?.name !== undefined,
  };
  return {
    is: 'injected',
    edits: edits(view, wishes, taken, numbers, takeover, period),
    takeover,
    warnings: warnings(view, wishes, taken, period),
  };
}

/** What its label and an injection before have already decided. */
function isSettled({ labels, annotations, containers }: PodView): Unchanged | Refused | undefined {
  const label = labels[INJECT_LABEL];
  if (label === 'disabled') return { is: 'unchanged', why: 'disabled' };
  if (label !== undefined && label !== 'enabled') {
    return refused('annotation', `the label ${INJECT_LABEL} is ${show(label)}; it may be enabled or disabled`);
  }
  const isThere = containers.some(({ name }) => name === CONTAINER);
  const isSaid = annotations[INJECTED] !== undefined;
  if (isThere && isSaid) return { is: 'unchanged', why: 'injected' };
  if (isThere) return refused('name_taken', `there is a container called ${CONTAINER}, and no injection has put it there`);
  if (isSaid)
    return refused(
      'half_injected',
      `${INJECTED} says that it has been injected, but there is no container ${CONTAINER}: uninject it first`,
    );
  return undefined;
}

/** In this order: the app gives way, the sidecar comes in, and what was done is written down. */
function edits(view: PodView, wishes: Wishes, taken: TakenPort, numbers: Numbers, takeover: Takeover, period: number): Injected['edits'] {
  const plan = new Plan();
  const { container, port } = taken;
  if (port?.name !== undefined) {
    plan.replace([...port.path, 'name'], taken.nameOfApp);
    for (const path of referencesTo(port.name, container)) plan.replace(path, taken.nameOfApp);
  }
  // Among the app's ports, not the sidecar's: Services of Kubernetes before 1.33 do not find ports that init containers name.
  const traffic = { name: takeover.traffic.name, containerPort: takeover.traffic.number, protocol: 'TCP' };
  plan.append('ports', [...container.path, 'ports'], container.value.ports, [traffic]);

  const drain = drainWithin(period, wishes.form);
  const { contract } = wishes;
  const configuration =
    wishes.config !== undefined || contract === undefined
      ? undefined
      : configurationText({ ...wishes, contract, appNumber: taken.number, numbers, drain });
  const item = sidecar(wishes, numbers, configuration, userOf(view));
  // Last: what a mesh puts into the pod is there before it, and an init container that needs no proxy is not kept waiting.
  if (wishes.form === 'native') plan.append('initContainers', ['spec', 'initContainers'], view.spec.initContainers, [item]);
  else plan.add(['spec', 'containers', view.containers.filter(({ kind }) => kind === 'container').length], item);
  plan.append('volumes', ['spec', 'volumes'], view.spec.volumes, volumes(wishes));
  annotate(plan, view, takeover);
  return plan.edits;
}
