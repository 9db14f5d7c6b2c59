import { isMapping } from '../core/schema/object.ts';
import type { PodView } from './pod.ts';

/** The image's own. */
const OURS = { runAsUser: 65_532, runAsGroup: 65_532 };

/** Say that OpenShift's security context constraints decide: the one that it writes into a pod that it admits, and the one that people write into a template. */
const OPENSHIFT = ['openshift.io/scc', 'openshift.io/required-scc'];

/**
 * Whom the sidecar runs as. On OpenShift nobody is said: it gives each namespace users of its own and refuses pods that name another; the program needs no
 * certain one. But where the whole pod runs as root, the sidecar does not.
 */
export function userOf({ annotations, spec: { securityContext } }: PodView): Readonly<Record<string, number>> {
  const isRoot = isMapping(securityContext) && securityContext.runAsUser === 0;
  return isRoot || !OPENSHIFT.some((name) => annotations[name] !== undefined) ? OURS : {};
}
