import { type Manifest, at, isRecord, podOf } from './manifest.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** A label of RFC 1035: Services have no dot in their name, and begin with a letter. */
const DNS_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** Labels that no upgrade changes; a selector is immutable in a Deployment, and a Service would lose its pods. */
const STABLE = /^app\.kubernetes\.io\/(name|instance|component)$/;

/** Names that are too long or malformed, labels that the API server refuses, selectors that an upgrade would break. */
export function naming(manifest: Manifest): string[] {
  const { name, labels = {} } = manifest.metadata;
  const problems: string[] = [];
  if (name.length > 63) problems.push(`the name has ${name.length} characters`);
  if (!SUBDOMAIN.test(name)) problems.push(`${name} is no name`);
  if (manifest.kind === 'Service' && !DNS_1035.test(name)) problems.push(`${name} is no name of a Service`);
  const pod = podOf(manifest);
  const podLabels = at(pod, 'metadata', 'labels');
  for (const [key, value] of [...Object.entries(labels), ...Object.entries(isRecord(podLabels) ? podLabels : {})]) {
    if (typeof value !== 'string' || !LABEL_VALUE.test(value)) problems.push(`label ${key} is ${JSON.stringify(value)}`);
  }
  for (const selector of selectorsOf(manifest)) {
    if (Object.keys(selector).length === 0) problems.push('a selector is empty');
    for (const [key, value] of Object.entries(selector)) {
      if (!STABLE.test(key)) problems.push(`a selector has ${key}, which changes`);
      if (manifest.kind === 'Deployment' && at(podLabels, key) !== value)
        problems.push(`the selector ${key}: ${String(value)} is not on the pods`);
    }
  }
  return problems;
}

function selectorsOf(manifest: Manifest): Readonly<Record<string, unknown>>[] {
  const selectors = {
    Deployment: at(manifest, 'spec', 'selector', 'matchLabels'),
    PodDisruptionBudget: at(manifest, 'spec', 'selector', 'matchLabels'),
    NetworkPolicy: at(manifest, 'spec', 'podSelector', 'matchLabels'),
    Service: at(manifest, 'spec', 'selector'),
  };
  const found = (selectors as Readonly<Record<string, unknown>>)[manifest.kind];
  if (!(manifest.kind in selectors)) return [];
  return [isRecord(found) ? found : {}];
}
