import { parse } from 'yaml';
import { type Manifest, at, listAt } from '../checks/manifest.ts';
import type { Asked } from '../helm.ts';

/** Values, and what must come of them beyond that every manifest is well-formed. */
export interface Case extends Omit<Asked, 'chart'> {
  readonly name: string;
  /** The chart of a service that depends on ours, in place of ours; its values are then that chart's. */
  readonly consumer?: 'example' | 'bare' | 'job';
  /** Throws where it is not so. */
  readonly holds: (found: Found) => void;
}

/** What was rendered, by kind and name. */
export class Found {
  readonly manifests: readonly Manifest[];

  constructor(manifests: readonly Manifest[]) {
    this.manifests = manifests;
  }

  all(kind: string): readonly Manifest[] {
    return this.manifests.filter((manifest) => manifest.kind === kind);
  }

  names(kind: string): readonly string[] {
    return this.all(kind)
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  get(kind: string, name: string): Manifest {
    const found = this.all(kind).find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`there is no ${kind} ${name}; there are ${this.names(kind).join(', ') || 'none'}`);
    return found;
  }

  /** The pod's template in a Deployment. */
  pod(name: string): unknown {
    return at(this.get('Deployment', name), 'spec', 'template');
  }

  container(deployment: string, name: string): unknown {
    const spec = at(this.pod(deployment), 'spec');
    const found = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')].find((one) => at(one, 'name') === name);
    if (found === undefined) throw new Error(`Deployment ${deployment} has no container ${name}`);
    return found;
  }

  /** A configuration in a ConfigMap, read. */
  config(configMap: string): unknown {
    return parse(String(at(this.get('ConfigMap', configMap), 'data', 'plumbline.yaml'))) as unknown;
  }
}

/** Contracts of which only the text counts. */
export const OPENAPI = 'openapi: 3.1.0\ninfo: { title: Billing, version: 1.0.0 }\npaths: {}\n';
export const contracts = { billing: { openapi: OPENAPI } };
