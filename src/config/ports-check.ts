import type { Endpoint } from '../core/listen.ts';
import type { Issues, Path } from '../core/schema.ts';
import type { Configuration } from './schema.ts';
import { isLoopback, isWildcard } from './values.ts';

interface Listening extends Endpoint {
  readonly path: Path;
  readonly what: string;
}

/** Two that want one port, and an admin port that strangers could reach. */
export function checkPorts(config: Configuration, issues: Issues): void {
  // Admin first: it has its port by default, and the report must name a key that stands in the file.
  const all: Listening[] = [{ path: ['admin'], what: 'admin', ...config.admin }];
  if (config.probes !== undefined) all.push({ path: ['probes'], what: 'probes', ...config.probes });
  for (const [name, { host, port }] of Object.entries(config.listeners))
    all.push({ path: ['listeners', name], what: `listener ${name}`, host, port });
  for (const [i, one] of all.entries()) {
    const other = all.slice(0, i).find((before) => clash(before, one) && !broken(issues, before));
    if (other === undefined || broken(issues, one)) continue;
    issues.error([...one.path, 'port'], {
      code: 'port_used_twice',
      message: `${one.port} is the port of ${other.what} too`,
      found: String(one.port),
    });
  }
  checkAdmin(config, issues);
}

/** Port 0 is chosen by the system, another one each time. One port on two addresses is two ports. */
function clash(a: Listening, b: Listening): boolean {
  return a.port === b.port && a.port !== 0 && (a.host === b.host || isWildcard(a.host) || isWildcard(b.host));
}

function broken(issues: Issues, { path }: Listening): boolean {
  return issues.touches([...path, 'port']) || issues.touches([...path, 'host']);
}

function checkAdmin({ admin }: Configuration, issues: Issues): void {
  if (isLoopback(admin.host) || admin.token !== undefined || issues.touches(['admin', 'host']) || issues.touches(['admin', 'token']))
    return;
  issues.error(['admin', 'host'], {
    code: 'token_required',
    message: `${admin.host} can be reached from elsewhere: admin.token is required (or PLUMBLINE_ADMIN_TOKEN)`,
  });
}
