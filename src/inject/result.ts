import type { Edit } from './edit.ts';

/** Whose pod it is: what messages name, and what the API is called where nobody says. */
export interface Where {
  /** `Deployment`, `Pod`, … */
  readonly kind: string;
  /** Of the workload, not of one of its pods; empty where it is not known. */
  readonly name: string;
  readonly namespace: string | undefined;
  /** A Job's pod, also by way of a CronJob: it must come to an end. */
  readonly isJob: boolean;
}

/** The way from the callers to the app, after an injection. A Service that names `app.number` must name `traffic.name` instead. */
export interface Takeover {
  /** Where the app listens. `name`: what that port is called now; undefined: it has no name. `container`: whose it is. */
  readonly app: { readonly container: string; readonly number: number; readonly name: string | undefined };
  /** Where Plumbline listens. A Service with this name as its targetPort needs no change where the app's port had it before (`renamed`). */
  readonly traffic: { readonly name: string; readonly number: number };
  readonly renamed: boolean;
}

export interface Injected {
  readonly is: 'injected';
  /** From the pod (template) down; to be applied in this order. */
  readonly edits: readonly Edit[];
  readonly takeover: Takeover;
  /** Each one line for people, without a full stop. */
  readonly warnings: readonly string[];
}

/** What `uninjectPod` gives where there is something to undo. */
export interface Uninjected {
  readonly is: 'uninjected';
  readonly edits: readonly Edit[];
  /** As the injection had left it: a Service that names `traffic.name` or its number goes back to `app.number`, unless `renamed`. */
  readonly takeover: Takeover;
  readonly warnings: readonly string[];
}

/** `injected`, by an injection before; `not_injected`, nothing to undo; `disabled`, its label says so. */
export interface Unchanged {
  readonly is: 'unchanged';
  readonly why: 'injected' | 'not_injected' | 'disabled';
}

/** The pod stays as it is. `reason`: one line for people, without a full stop, naming the place in the pod. */
export interface Refused {
  readonly is: 'refused';
  readonly code: RefusalCode;
  readonly reason: string;
}

export type RefusalCode =
  | 'malformed_pod'
  | 'annotation'
  | 'no_contract'
  | 'no_name'
  | 'host_network'
  | 'windows'
  | 'pod_resources'
  | 'no_port'
  | 'not_http'
  | 'mesh'
  | 'port_name'
  | 'ports_taken'
  | 'name_taken'
  | 'half_injected'
  | 'legacy_job'
  | 'cannot_undo';

export function refused(code: RefusalCode, reason: string): Refused {
  return { is: 'refused', code, reason };
}
