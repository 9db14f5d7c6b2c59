import type { Settings } from '../config/settings.ts';

/** New settings as a running process can take them. */
export interface Takeable {
  readonly settings: Settings;
  /** Keys as they stand in the file (`admin.port`) whose new values wait for a restart. */
  readonly waiting: readonly string[];
}

/**
 * What is made once a process keeps its value: the ports of admin and probes, the sizes of the registry and of the budgets, the log's
 * destination, where state is kept and shared, who the exported spans say they come from. Everything else is as in `next`.
 */
export function takeable(inForce: Settings, next: Settings): Takeable {
  const { service, admin, probes, state, store } = inForce;
  const [before, after] = [inForce.telemetry, next.telemetry];
  const traces = before.traces && after.traces ? { ...before.traces, sample: after.traces.sample } : before.traces;
  const kept = { service, admin, probes, state, telemetry: { ...before, traces } };
  const waiting = Object.entries(kept).flatMap(([section, value]) => differences(section, value, next[section as keyof typeof kept]));
  if (differences('store', store, next.store).length > 0) waiting.push('store'); // its keys are not those of the file
  return { settings: Object.freeze({ ...next, ...kept, store }), waiting };
}

function differences(path: string, a: unknown, b: unknown): string[] {
  if (a === b) return [];
  if (!isObject(a) || !isObject(b)) return [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differences(`${path}.${key}`, a[key], b[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
