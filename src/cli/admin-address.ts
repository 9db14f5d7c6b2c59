import type { Parsed } from '../config/parse.ts';
import { isWildcard } from '../config/values.ts';
import { hostAndPort } from '../core/address.ts';
import { printable } from '../core/schema/show.ts';
import { given } from './flags.ts';
import { type Io, UsageError } from './output.ts';
import { settingsSource } from './run-settings.ts';

/** Where an admin server is asked. */
export interface AdminAddress {
  /** `http://host:port` */
  readonly origin: string;
  readonly token: string | undefined;
  /** The configuration that would say it and has become wrong since the start: that is no reason to call the gateway ill. */
  readonly unread?: string;
}

/**
 * The admin server of the gateway on this machine that was started with the same flags, variables and configuration.
 * Throws UsageError where they give no address.
 */
export async function localAdmin(flags: Readonly<Record<string, unknown>>, io: Io): Promise<AdminAddress> {
  const [host, port] = [given('--admin-host', flags, io.env), given('--admin-port', flags, io.env)];
  const token = given('--admin-token', flags, io.env);
  const parsed = host === undefined || port === undefined ? await configured(flags, io) : undefined;
  const file = parsed?.settings?.admin;
  const unread = parsed !== undefined && file === undefined ? parsed.problems[0]?.file : undefined;
  const where = host?.value ?? file?.host ?? '127.0.0.1';
  // What listens on every address is asked on the nearest: `::` takes IPv4 too, and 127.0.0.1 is there in a pod that has IPv6 alone.
  const near = isWildcard(where) ? '127.0.0.1' : where;
  const origin = `http://${hostAndPort(near, port?.value ?? file?.port ?? 7090)}`;
  if (!URL.canParse(origin)) throw new UsageError(`${(host ?? port)?.origin} gives no address: ${origin}`);
  return { origin, token: token?.value ?? file?.token, ...(unread !== undefined && { unread: printable(unread) }) };
}

/** Undefined where there is none. */
async function configured(flags: Readonly<Record<string, unknown>>, io: Io): Promise<Parsed | undefined> {
  try {
    return await settingsSource(flags, io).read();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
