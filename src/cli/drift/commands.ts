import type { Command } from 'commander';
import type { Flag } from '../flags.ts';
import type { Io } from '../output.ts';

type Flags = Readonly<Record<string, unknown>>;

const CONFIG: Flag = {
  long: '--config',
  short: '-c',
  value: '<file>',
  text: 'configuration (default: plumbline.yaml, where there is one)',
};

const ADMIN: readonly Flag[] = [
  { long: '--admin', value: '<url>', text: 'address of health, metrics and API of a gateway (default: that of the one on this machine)' },
  { long: '--token', value: '<token>', text: 'its admin token; better said in the variable' },
];

const SOURCE: readonly Flag[] = [
  { long: '--api', value: '<name>', text: 'name of the contract in the configuration (default: all; with --spec: as the file is called)' },
  CONFIG,
  { long: '--spec', value: '<file>', text: 'of recorded traffic, without a configuration: the contract; a file, a directory or a URL' },
  { long: '--listener', value: '<name>', text: 'of recorded traffic: the listener of the configuration whose routes take it' },
  {
    long: '--host',
    value: '<host>',
    text: "of recorded traffic: only what went to this host (default: those of the contract's servers)",
    noVariable: true,
  },
  { long: '--baseline', value: '<file>', text: "of recorded traffic: findings that are known and accepted (default: the configuration's)" },
  ...ADMIN,
];

const REPORT: readonly Flag[] = [
  { long: '--state', value: '<state>', text: 'new, acknowledged, resolved or all (default: all)' },
  { long: '--fail-on', value: '<what>', text: 'new: exit code 1 where a finding is new; or never (default: never)' },
  { long: '--all', text: 'every finding, where there are many' },
  { long: '--json', text: 'JSON for machines' },
  ...SOURCE,
];

const ACKNOWLEDGE: readonly Flag[] = [
  { long: '--note', value: '<text>', text: 'why, and until when' },
  { long: '--json', text: 'JSON for machines' },
  CONFIG,
  ...ADMIN,
];

const TRAFFIC = 'recorded traffic: an HTTP Archive (.har), or exchanges one a line; without it a running gateway is asked';

/** `plumbline drift …`. `end` is told the exit code. */
export function addDrift(
  root: Command,
  addFlags: (command: Command, flags: readonly Flag[]) => Command,
  io: Io,
  end: (code: number) => void,
): void {
  const drift = root.command('drift').description('what the traffic and its contract have against each other');
  addFlags(drift.command('report').description('list findings'), REPORT)
    .argument('[traffic...]', TRAFFIC)
    .action(async (files: readonly string[], flags: Flags) => {
      const { reportDrift } = await import('./report.ts');
      end(await reportDrift(files, flags, io));
    });
  addFlags(drift.command('baseline').description('write a file that accepts every finding that stands'), SOURCE)
    .argument('[traffic...]', TRAFFIC)
    .action(async (files: readonly string[], flags: Flags) => {
      const { writeBaseline } = await import('./report.ts');
      end(await writeBaseline(files, flags, io));
    });
  addFlags(drift.command('acknowledge').description('silence one finding'), ACKNOWLEDGE)
    .argument('<id>', 'as it is listed')
    .action(async (id: string, flags: Flags) => {
      const { acknowledgeFinding } = await import('./acknowledge.ts');
      end(await acknowledgeFinding(id, flags, io));
    });
}
