import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 ** 2;

/**
 * All that stands in `state.dir` at a time, in bytes. In Kubernetes that is an emptyDir of 64Mi, and the kubelet evicts a pod, traffic and all, whose volume has
 * grown beyond that.
 */
export const STATE_BYTES = 56 * MIB;

/** What the log has that is not in the file yet (1000 pages, `wal_autocheckpoint`), and with it whatever comes while that is brought in. */
const UNSAVED_BYTES = 6 * MIB;
const LEAST_BYTES = 4 * MIB;

/** Of the file, findings may fill so much: the unknown outcomes, which nobody can see again, have the rest for themselves. */
const FINDINGS_SHARE = 0.7;

export interface Room {
  /** How large the file may become, in bytes. */
  readonly file: number;
  /** How large findings may make it; what a person says of one may take more. */
  readonly findings: number;
}

/** One change can be as large as the file, and is in the log before it is in the file. `name`: the file that is set aside goes by a longer one. */
export function roomIn(dir: string, name: string): Room {
  const aside = setAside(dir, name).reduce((sum, other) => sum + statSync(join(dir, other)).size, 0);
  const file = Math.max(LEAST_BYTES, (STATE_BYTES - UNSAVED_BYTES - aside) / 2);
  return { file, findings: file * FINDINGS_SHARE };
}

/** Damaged files of before, with their logs. */
export function setAside(dir: string, name: string): string[] {
  return readdirSync(dir).filter((other) => other.startsWith(`${name}.damaged-`));
}
