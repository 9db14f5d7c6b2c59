import type { DriftReport } from '../../app/offline/drift-report.ts';
import { printable } from '../../core/schema/show.ts';
import { given } from '../flags.ts';
import { type Io, UsageError } from '../output.ts';

type Flags = Readonly<Record<string, unknown>>;

/** What recorded traffic and a contract have against each other. Throws UsageError where a file cannot be used, or nothing of the traffic is for the contract. */
export async function offlineReport(files: readonly string[], flags: Flags, io: Io): Promise<DriftReport> {
  for (const live of ['--admin', '--token'])
    if (given(live, flags, {}) !== undefined) throw new UsageError(`${live} is for a running gateway; recorded traffic needs none`);
  const host = hostOf(flags);
  // Loaded only now: a command line with mistakes is answered without them.
  const [{ subjectFor }, { readTraffic }, { driftReport }] = await Promise.all([
    import('./against.ts'),
    import('./traffic.ts'),
    import('../../app/offline/drift-report.ts'),
  ]);
  const subject = await subjectFor(flags, io);
  const report = await driftReport(subject, await readTraffic(files, io), host);
  if (report.held === 0) throw new UsageError(nothingHeld(report, host, subject.contract.hosts));
  return report;
}

/** Not from the environment: what is called so there says where a gateway listens. */
function hostOf(flags: Flags): string | undefined {
  const host = given('--host', flags, {})?.value.toLowerCase();
  if (host !== undefined && !/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/.test(host))
    throw new UsageError(`--host takes a host, api.example.com or 127.0.0.1:3000, not ${JSON.stringify(host)}`);
  return host;
}

function nothingHeld({ elsewhere, unrouted }: DriftReport, host: string | undefined, hosts: ReadonlySet<string> | undefined): string {
  if (unrouted > 0) return `no route of the listener leads any of the ${unrouted} exchanges to the contract: nothing was held against it`;
  const wanted = host ?? [...(hosts ?? [])].join(' or ');
  return `none of the ${elsewhere} exchanges went to ${printable(wanted)}: nothing was held against the contract; --host says another`;
}
