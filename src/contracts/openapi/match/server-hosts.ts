import type { Server } from '../model.ts';

/**
 * Authorities that servers name, in lower case and without the port that their scheme has anyway. Undefined where one of them names none (a relative
 * URL) or leaves it to a variable: then traffic of any host may be meant.
 */
export function serverHosts(servers: readonly Server[]): ReadonlySet<string> | undefined {
  const hosts = new Set<string>();
  for (const { url } of servers) {
    const [, scheme, authority] = /^(https?):\/\/([^/?#]+)/i.exec(url) ?? [];
    if (scheme === undefined || authority === undefined || authority.includes('{')) return undefined;
    hosts.add(authority.toLowerCase().replace(scheme.toLowerCase() === 'http' ? /:80$/ : /:443$/, ''));
  }
  return hosts;
}
