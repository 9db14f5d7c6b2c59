import type { Where } from '../inject/result.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Labels by which controllers tell apart what they made of one template; its value ends the name of the ReplicaSet. */
const TEMPLATE_HASHES: ReadonlyArray<readonly [label: string, kind: string]> = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
];

/** What a CronJob puts behind its name for each run: minutes since 1970. */
const RUN = /-\d{8,}$/;

/**
 * Whose pod it is, as far as the pod tells: a pod is made by a ReplicaSet, which is made by a Deployment, and only the first of the two is named in it.
 * A number at the end of a Job's name is taken for a CronJob's: an API that is called differently at each run would be no API.
 * `name` and `namespace`: what the review says; the pod itself may have neither yet.
 */
export function workloadOf(pod: unknown, name: string, namespace: string): Where {
  const metadata = mapping(mapping(pod).metadata);
  const owner = controllerOf(metadata);
  const of = (kind: string, called: string, isJob: boolean): Where => ({
    kind,
    name: called,
    namespace: namespace === '' ? undefined : namespace,
    isJob,
  });
  if (owner === undefined) {
    return of('Pod', name || text(metadata.name) || withoutDashes(text(metadata.generateName)), false);
  }
  if (owner.kind === 'Job') return RUN.test(owner.name) ? of('CronJob', owner.name.replace(RUN, ''), true) : of('Job', owner.name, true);
  // Whatever made it, a pod that is not to be started again and again must come to an end.
  const ends = ['Never', 'OnFailure'].includes(text(mapping(mapping(pod).spec).restartPolicy));
  if (owner.kind === 'ReplicaSet') {
    const labels = mapping(metadata.labels);
    for (const [label, kind] of TEMPLATE_HASHES) {
      const suffix = `-${text(labels[label])}`;
      if (suffix.length > 1 && owner.name.endsWith(suffix) && owner.name.length > suffix.length) {
        return of(kind, owner.name.slice(0, -suffix.length), ends);
      }
    }
  }
  return of(owner.kind, owner.name, ends);
}

/** Of several owners the one that manages the pod. */
function controllerOf({ ownerReferences }: Mapping): { readonly kind: string; readonly name: string } | undefined {
  if (!Array.isArray(ownerReferences)) return undefined;
  const one = mapping(ownerReferences.find((reference: unknown) => mapping(reference).controller === true));
  const [kind, name] = [text(one.kind), text(one.name)];
  return kind === '' || name === '' ? undefined : { kind, name };
}

/** Without those at its end. Not by a pattern: that would begin anew at each dash, and the text may be as long as whoever creates the pod likes. */
function withoutDashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '-') end -= 1;
  return text.slice(0, end);
}

function mapping(value: unknown): Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
