import type { Given } from '../config/without-file.ts';
import type { Environment } from '../config/variables.ts';

/** A flag of a command. Each has an environment variable: `--admin-port` is `PLUMBLINE_ADMIN_PORT`. */
export interface Flag {
  readonly long: string;
  readonly short?: string;
  /** `<port>`; none for a switch. */
  readonly value?: string;
  readonly text: string;
  /** Its variable is another command's, and means something else there: it has none. */
  readonly noVariable?: true;
}

export function variableOf(long: string): string {
  return `PLUMBLINE_${long.slice(2).toUpperCase().replaceAll('-', '_')}`;
}

/** The value of a flag over its variable, with where it was said; an empty variable counts as none. */
export function given(long: string, flags: Readonly<Record<string, unknown>>, env: Environment): Given | undefined {
  const fromFlag = flags[camelCase(long)];
  if (typeof fromFlag === 'string') return { value: fromFlag, origin: long };
  if (fromFlag === true) return { value: 'true', origin: long };
  const origin = variableOf(long);
  const value = env[origin];
  if (value === undefined || value === '' || isServiceLink(value)) return undefined;
  return { value, origin };
}

/** Whether a switch was given: its variable may also say no. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !['0', 'false', 'no', 'off'].includes(value.toLowerCase());
}

/** Kubernetes sets PLUMBLINE_PORT=tcp://10.0.0.1:80 in every pod beside a Service of that name; nobody meant it for us. */
function isServiceLink(value: string): boolean {
  return /^(?:tcp|udp|sctp):\/\//.test(value);
}

function camelCase(long: string): string {
  return long.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
