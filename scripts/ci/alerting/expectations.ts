import { setTimeout as sleep } from 'node:timers/promises';
import type { Alertmanager, Notified } from './alertmanager.ts';

/** An alert that has to fire, whose it is, and which of several of its name. */
export interface ExpectedAlert {
  readonly name: string;
  readonly owner: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export function isExpected({ labels }: Notified, expected: ExpectedAlert): boolean {
  return (
    labels['alertname'] === expected.name &&
    labels['owner'] === expected.owner &&
    Object.entries(expected.labels ?? {}).every(([name, value]) => labels[name] === value)
  );
}

/** In one line: name, owner and what tells it from others. */
export function shown({ labels }: Notified): string {
  const { alertname, owner, severity, namespace: _n, job: _j, ...rest } = labels;
  return `${alertname} of ${owner ?? 'nobody'} (${[severity, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(', ')})`;
}

/** Waits until the receiver stands as `is` says. Gives how long that took in ms; undefined: it does not within `ms`. */
export async function until(
  alertmanager: Alertmanager,
  is: (firing: readonly Notified[]) => boolean | Promise<boolean>,
  ms: number,
): Promise<number | undefined> {
  const from = performance.now();
  for (; performance.now() - from < ms; await sleep(200)) if (await is(alertmanager.firing)) return performance.now() - from;
  return undefined;
}
