import { isMapping } from '../../core/schema/object.ts';

/** One port of a Service that was led to Plumbline. `port` and `protocol` say which. */
export interface PortChange {
  readonly port: number;
  readonly protocol: string;
  /** Its targetPort; null where the key had nothing under it, undefined where it was not there. */
  readonly was: number | null | undefined;
  readonly is: string;
}

/** What was changed in a Service, kept in its annotation. `annotations`: whether they were there before, and with something in them. */
export interface ServiceRecord {
  readonly ports: readonly PortChange[];
  readonly annotations: 'kept' | 'made' | 'empty';
}

const FORM = 1;

export function writeServiceRecord({ ports, annotations }: ServiceRecord): string {
  return JSON.stringify({ v: FORM, ports, annotations });
}

/** Undefined where it is none that this program wrote. */
export function readServiceRecord(text: unknown): ServiceRecord | undefined {
  let record: unknown;
  try {
    record = typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
  if (!isMapping(record) || record.v !== FORM || !Array.isArray(record.ports)) return undefined;
  const { ports, annotations } = record;
  if (annotations !== 'kept' && annotations !== 'made' && annotations !== 'empty') return undefined;
  return (ports as unknown[]).every(isPortChange) ? { ports: ports as PortChange[], annotations } : undefined;
}

function isPortChange(one: unknown): one is PortChange {
  if (!isMapping(one)) return false;
  const { port, protocol, was, is } = one;
  return (
    typeof port === 'number' &&
    typeof protocol === 'string' &&
    (was === null || was === undefined || typeof was === 'number') &&
    typeof is === 'string'
  );
}
