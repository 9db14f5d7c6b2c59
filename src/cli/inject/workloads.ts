import { isMapping } from '../../core/schema/object.ts';
import type { Edit } from '../../inject/edit.ts';
import { injectPod } from '../../inject/inject.ts';
import { CONFIG_VOLUME, INJECTED, INJECT_LABEL, STATE_VOLUME } from '../../inject/names.ts';
import { type Mapping, place } from '../../inject/pod.ts';
import { readRecord } from '../../inject/record.ts';
import type { Takeover } from '../../inject/result.ts';
import type { InjectSettings } from '../../inject/settings.ts';
import { uninjectPod } from '../../inject/uninject.ts';
import { type Workload, below } from './manifests.ts';
import type { Note } from './note.ts';

export type Mode = { readonly is: 'inject'; readonly settings: InjectSettings } | { readonly is: 'uninject' };

export interface WorkloadPlan {
  /** From the object down; none: it stays as it is. */
  readonly edits: readonly Edit[];
  readonly notes: readonly Pick<Note, 'level' | 'message'>[];
  /** Of its pods. */
  readonly labels: Mapping;
  /** What its pods have in the end, by this injection or one before. */
  readonly takeover: Takeover | undefined;
}

/** What becomes of a workload. */
export function planWorkload(workload: Workload, mode: Mode): WorkloadPlan {
  const pod = below(workload.value, workload.podAt);
  if (!isMapping(pod)) {
    const notes = [{ level: 'refused', message: `there is no pod template at ${place(workload.podAt)}` }] as const;
    return { edits: [], notes: mode.is === 'inject' ? notes : [], labels: {}, takeover: undefined };
  }
  const labels = mappingOf(below(pod, ['metadata', 'labels']));
  return { labels, ...(mode.is === 'inject' ? inject(workload, pod, mode.settings) : uninject(workload, pod)) };
}

type Planned = Omit<WorkloadPlan, 'labels'>;

function inject(workload: Workload, pod: Mapping, settings: InjectSettings): Planned {
  if (mappingOf(below(workload.value, ['metadata', 'labels']))[INJECT_LABEL] === 'disabled')
    return left(`its label ${INJECT_LABEL} says disabled`);
  const claim = claimOfOurs(workload.value);
  if (claim !== undefined) {
    const message = `its volumeClaimTemplate ${claim} would take the place of Plumbline's own volume of that name`;
    return { ...left(message), notes: [{ level: 'refused', message }] };
  }
  const { kind, name, namespace, isJob } = workload;
  const result = injectPod(pod, { kind, name, namespace, isJob }, settings);
  switch (result.is) {
    case 'refused':
      return { ...left(result.reason), notes: [{ level: 'refused', message: result.reason }] };
    case 'unchanged':
      return result.why === 'injected'
        ? { ...left('is injected already'), takeover: recorded(pod) }
        : left(`the label ${INJECT_LABEL} of its pods says disabled`);
    case 'injected': {
      const { takeover, warnings } = result;
      return { edits: onto(workload, result.edits), takeover, notes: [{ level: 'done', message: told(takeover) }, ...warned(warnings)] };
    }
  }
}

/** The StatefulSet controller puts the claim of a template into the pod instead of a volume of its name. */
function claimOfOurs(workload: Mapping): string | undefined {
  const templates = below(workload, ['spec', 'volumeClaimTemplates']);
  const names = (Array.isArray(templates) ? templates : []).map((template: unknown) => below(template, ['metadata', 'name']));
  return [CONFIG_VOLUME, STATE_VOLUME].find((name) => names.includes(name));
}

function uninject(workload: Workload, pod: Mapping): Planned {
  const result = uninjectPod(pod);
  if (result.is === 'unchanged') return { edits: [], notes: [], takeover: undefined };
  if (result.is === 'refused') return { ...left(result.reason), notes: [{ level: 'refused', message: result.reason }] };
  return {
    edits: onto(workload, result.edits),
    takeover: undefined,
    notes: [{ level: 'done', message: 'uninjected' }, ...warned(result.warnings)],
  };
}

function told({ app, traffic, renamed }: Takeover): string {
  const behind = `port ${app.number} of ${app.container}`;
  return `injected: ${traffic.name} is now Plumbline (port ${traffic.number}) in front of ${behind}${renamed ? `, renamed ${app.name}` : ''}`;
}

function left(message: string): Planned {
  return { edits: [], notes: [{ level: 'left', message }], takeover: undefined };
}

function warned(warnings: readonly string[]): Planned['notes'] {
  return warnings.map((message) => ({ level: 'warning', message }));
}

function onto({ podAt }: Workload, edits: readonly Edit[]): Edit[] {
  return edits.map((edit) => ({ ...edit, path: [...podAt, ...edit.path] }));
}

function recorded(pod: Mapping): Takeover | undefined {
  const record = readRecord(mappingOf(below(pod, ['metadata', 'annotations']))[INJECTED]);
  return typeof record === 'string' ? undefined : record;
}

function mappingOf(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}
