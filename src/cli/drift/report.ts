import type { FindingItem } from '../../core/views.ts';
import { given, isOn } from '../flags.ts';
import { EXIT, type Io, UsageError, coloursFor } from '../output.ts';
import { baselineYaml } from './baseline-yaml.ts';
import { findingsText } from './findings-text.ts';
import { liveFindings } from './live.ts';
import { offlineReport } from './offline.ts';

type Flags = Readonly<Record<string, unknown>>;

const STATES = ['new', 'acknowledged', 'resolved', 'all'];
const SHOWN = 20;

/** `plumbline drift report`: of a running gateway, or of recorded traffic. Throws UsageError. */
export async function reportDrift(files: readonly string[], flags: Flags, io: Io): Promise<number> {
  const state = given('--state', flags, io.env) ?? { value: 'all', origin: '--state' };
  if (!STATES.includes(state.value)) throw new UsageError(`${state.origin} takes ${STATES.join(', ')}, not ${JSON.stringify(state.value)}`);
  const failOn = given('--fail-on', flags, io.env) ?? { value: 'never', origin: '--fail-on' };
  if (failOn.value !== 'new' && failOn.value !== 'never')
    throw new UsageError(`${failOn.origin} takes new or never, not ${JSON.stringify(failOn.value)}`);
  const { items, held } = await findingsOf(files, flags, io);
  const shown = state.value === 'all' ? items : items.filter((item) => item.state === state.value);
  if (isOn(given('--json', flags, io.env)?.value)) {
    io.stdout.write(`${JSON.stringify({ findings: shown }, null, 2)}\n`);
    tell(held, io);
  } else {
    const most = isOn(given('--all', flags, io.env)?.value) ? Number.POSITIVE_INFINITY : SHOWN;
    io.stdout.write(findingsText(shown, { colours: coloursFor(io.stdout, io.env), most }));
    io.stdout.write(`${held === '' ? '' : `${held}: `}${countOf(shown, state.value)}\n`);
  }
  return failOn.value === 'new' && items.some((item) => item.state === 'new') ? EXIT.notFine : EXIT.ok;
}

/** `plumbline drift baseline`: what stands now, as a file for `contracts.<name>.baseline`. Resolved ones are not in it. Throws UsageError. */
export async function writeBaseline(files: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { items, held } = await findingsOf(files, flags, io);
  const apis = [...new Set(items.map(({ api }) => api))];
  if (apis.length > 1) throw new UsageError(`there are findings of ${apis.sort().join(', ')}: --api says which of them the file is for`);
  io.stdout.write(baselineYaml(items.filter(({ state }) => state !== 'resolved')));
  tell(held, io);
  return EXIT.ok;
}

/** `held`: what was looked at, and what could not be, for people; empty of a running gateway, which looks at everything. */
async function findingsOf(
  files: readonly string[],
  flags: Flags,
  io: Io,
): Promise<{ readonly items: readonly FindingItem[]; readonly held: string }> {
  if (files.length === 0) {
    for (const recorded of OF_RECORDED)
      if (given(recorded, flags, {}) !== undefined)
        throw new UsageError(`${recorded} needs recorded traffic: an HTTP Archive, or a capture; a running gateway knows it itself`);
    const api = given('--api', flags, io.env)?.value;
    return { items: await liveFindings(flags, io, api === undefined ? {} : { api }), held: '' };
  }
  const { items, held, elsewhere, unrouted, unrecorded, skipped, dropped } = await offlineReport(files, flags, io);
  const notes = [
    `${counted(held, 'exchange')} held against the contract`,
    ...(elsewhere > 0 ? [`${elsewhere} went to another host`] : []),
    ...(unrouted > 0 ? [`${unrouted} to other routes`] : []),
    ...(unrecorded > 0 ? [`${counted(unrecorded, 'message')} not judged, as the bodies are not in the recording`] : []),
    ...[...skipped].map(([reason, count]) => `${counted(count, 'message')} not judged (${reason})`),
    ...(dropped > 0 ? [`${counted(dropped, 'observation')} beyond the limit of findings`] : []),
  ];
  return { items, held: notes.join(', ') };
}

const OF_RECORDED = ['--spec', '--listener', '--host', '--baseline'];

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Where stdout is for machines. */
function tell(held: string, io: Io): void {
  if (held !== '') io.stderr.write(`plumbline: ${held}\n`);
}

function countOf(items: readonly FindingItem[], state: string): string {
  if (items.length === 0) return `no ${state === 'all' ? '' : `${state} `}findings`;
  const counts = STATES.map((one) => [one, items.filter((item) => item.state === one).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([one, count]) => `${count} ${one}`)
    .join(', ');
}
