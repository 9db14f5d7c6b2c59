import { isMapping } from '../core/schema/object.ts';
import type { PodView } from './pod.ts';

/** Labels that the kubelet gives its node. The one with `beta` is that of old manifests. */
const OS = ['kubernetes.io/os', 'beta.kubernetes.io/os'];
const BUILD = 'node.kubernetes.io/windows-build';

/** By what its nodes must be, or by options that only Windows has. What a pod tolerates or would rather have says nothing. */
export function isOnWindows({ spec, containers }: PodView): boolean {
  const { os, nodeSelector, affinity, securityContext } = spec;
  if (isMapping(os) && os.name === 'windows') return true;
  if (isMapping(nodeSelector) && (OS.some((label) => nodeSelector[label] === 'windows') || nodeSelector[BUILD] !== undefined)) return true;
  if (needsWindows(affinity)) return true;
  return [securityContext, ...containers.map(({ value }) => value.securityContext)].some(
    (context) => isMapping(context) && isMapping(context.windowsOptions),
  );
}

/** Of the terms of a node selector one has to hold, of the expressions in a term all (v1 NodeSelector). */
function needsWindows(affinity: unknown): boolean {
  const node = isMapping(affinity) ? affinity.nodeAffinity : undefined;
  const required = isMapping(node) ? node.requiredDuringSchedulingIgnoredDuringExecution : undefined;
  const terms: unknown = isMapping(required) ? required.nodeSelectorTerms : undefined;
  return (
    Array.isArray(terms) && terms.length > 0 && terms.every((term) => isMapping(term) && listOf(term.matchExpressions).some(saysWindows))
  );
}

function saysWindows(expression: unknown): boolean {
  if (!isMapping(expression)) return false;
  const { key, operator } = expression;
  const values = listOf(expression.values);
  if (key === BUILD) return operator === 'In' || operator === 'Exists';
  if (!OS.some((label) => label === key)) return false;
  // There are nodes of these two systems only.
  return operator === 'In'
    ? values.length > 0 && values.every((value) => value === 'windows')
    : operator === 'NotIn' && values.includes('linux');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
