import { isMapping } from '../core/schema/object.ts';
import type { Takeover } from './result.ts';

/** Parents that an injection may have to make: `ports` are those of the app's container. */
export type Parent = 'metadata' | 'annotations' | 'initContainers' | 'volumes' | 'ports';

/** What an injection has done, as it stands in the pod: with the pod itself, all that is needed to undo it. */
export interface InjectionRecord extends Takeover {
  /** Of Plumbline. */
  readonly version: string;
  /** Were not there. */
  readonly made: readonly Parent[];
  /** Were there with nothing under them (`volumes:`). */
  readonly empty: readonly Parent[];
  /** The annotation for the cluster autoscaler names our volume because of us. */
  readonly evictable: boolean;
}

/** Of the form below; one that cannot be read by this program has another. */
const FORM = 1;

export function writeRecord({ version, app, traffic, renamed, made, empty, evictable }: InjectionRecord): string {
  return JSON.stringify({ v: FORM, version, app, traffic, renamed, made, empty, evictable });
}

/** A record, or why it is none, for people. People edit annotations, too. */
export function readRecord(text: unknown): InjectionRecord | string {
  const record = parsed(text);
  if (!isMapping(record)) return 'is no record of an injection';
  if (record.v !== FORM) return 'was written by another version of Plumbline, which has to undo it';
  const { version, app, traffic, renamed, made, empty, evictable } = record;
  const isWhole =
    typeof version === 'string' &&
    isMapping(app) &&
    typeof app.container === 'string' &&
    isPort(app.number) &&
    (app.name === undefined || typeof app.name === 'string') &&
    isMapping(traffic) &&
    typeof traffic.name === 'string' &&
    isPort(traffic.number) &&
    typeof renamed === 'boolean' &&
    (!renamed || typeof app.name === 'string') &&
    areParents(made) &&
    areParents(empty) &&
    typeof evictable === 'boolean';
  if (!isWhole) return 'is no record of an injection';
  return {
    version,
    app: { container: app.container as string, number: app.number as number, name: app.name as string | undefined },
    traffic: { name: traffic.name as string, number: traffic.number as number },
    renamed,
    made,
    empty,
    evictable,
  };
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

const PARENTS: readonly unknown[] = ['metadata', 'annotations', 'initContainers', 'volumes', 'ports'] satisfies readonly Parent[];

function areParents(value: unknown): value is readonly Parent[] {
  return Array.isArray(value) && value.every((item) => PARENTS.includes(item));
}
