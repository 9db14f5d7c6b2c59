import { join, relative } from 'node:path';
import type { CodeSplittingGroup } from 'rolldown';

type NameOf = Exclude<CodeSplittingGroup['name'], string>;
type Context = Parameters<NameOf>[1];

const GATEWAY = 'src/app/gateway.ts';
/** What runs servers: the demo has a gateway in it, and a service before which it stands. */
const SERVERS: readonly string[] = [GATEWAY, 'src/app/injector.ts', 'src/cli/demo.ts'];

/**
 * From this length on Node keeps a text outside V8's heap (`EXTERN_APEX` in its `src/string_bytes.cc`), that of a file that it runs, too. A megabyte of it inside
 * lets V8's young generation grow at the start, and it stays so: 3 MB at rest.
 */
export const OUTSIDE_THE_HEAP_BYTES = 0xfbee9;

/**
 * What gateway and injector share, Fastify and the metrics client above all, is a little shorter than that. So what the gateway alone has of adapters and
 * policies goes into the same file, unless it needs the code of contracts, which the injector has no use for. Nothing goes in that a thread or another command needs.
 */
export function serverChunk(root: string, entries: readonly string[]): CodeSplittingGroup {
  let captured: ReadonlySet<string> | undefined;
  const name = (id: string, context: Context): string | null => {
    captured ??= ofServers(root, entries, context);
    return captured.has(id) ? 'server' : null;
  };
  // What these modules import and others need, too, stays where the others find it.
  return { name, debugName: 'server', includeDependenciesRecursively: false };
}

function ofServers(root: string, entries: readonly string[], context: Context): ReadonlySet<string> {
  const servers = SERVERS.map((file) => join(root, file));
  const imports = (id: string) => context.getModuleInfo(id)?.importedIds ?? [];
  const others = reached(
    entries.map((file) => join(root, file)),
    (id) => (servers.includes(id) ? [] : [...imports(id), ...(context.getModuleInfo(id)?.dynamicallyImportedIds ?? [])]),
  );
  const [gateway, injector] = SERVERS.map((file) => reached([join(root, file)], imports)) as [ReadonlySet<string>, ReadonlySet<string>];
  const isOurs = (id: string) => gateway.has(id) && !others.has(id) && !/^src\/(?:app|pipeline)\//.test(relative(root, id));
  return new Set([...gateway].filter((id) => isOurs(id) && [...reached([id], imports)].every((one) => isOurs(one) || injector.has(one))));
}

function reached(from: readonly string[], next: (id: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  for (const id of seen) for (const other of next(id)) seen.add(other);
  return seen;
}
