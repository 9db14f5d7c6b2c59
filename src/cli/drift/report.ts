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
  const { items, summary } = await findingsOf(files, flags, io);
  const shown = state.value === 'all' ? items : items.filter((item) => item.state === state.value);
  if (isOn(given('--json', flags, io.env)?.value)) io.stdout.write(`${JSON.stringify({ findings: shown }, null, 2)}\n`);
  else {
    const most = isOn(given('--all', flags, io.env)?.value) ? Number.POSITIVE_INFINITY : SHOWN;
    io.stdout.write(findingsText(shown, { colours: coloursFor(io.stdout, io.env), most }));
    io.stdout.write(`${summary}${shown.length === 0 ? ` no ${state.value === 'all' ? '' : `${state.value} `}findings` : countOf(shown)}\n`);
  }
  return failOn.value === 'new' && items.some((item) => item.state === 'new') ? EXIT.notFine : EXIT.ok;
}

/** `plumbline drift baseline`: what stands now, as a file for `contracts.<name>.baseline`. Resolved ones are not in it. Throws UsageError. */
export async function writeBaseline(files: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { items } = await findingsOf(files, flags, io);
  const apis = [...new Set(items.map(({ api }) => api))];
  if (apis.length > 1) throw new UsageError(`there are findings of ${apis.sort().join(', ')}: --api says which of them the file is for`);
  io.stdout.write(baselineYaml(items.filter(({ state }) => state !== 'resolved')));
  return EXIT.ok;
}

async function findingsOf(
  files: readonly string[],
  flags: Flags,
  io: Io,
): Promise<{ readonly items: readonly FindingItem[]; readonly summary: string }> {
  if (files.length === 0) {
    if (given('--spec', flags, {}) !== undefined) throw new UsageError('--spec needs recorded traffic: an HTTP Archive, or a capture');
    const api = given('--api', flags, io.env)?.value;
    return { items: await liveFindings(flags, io, api === undefined ? {} : { api }), summary: '' };
  }
  const { items, held, elsewhere, skipped, dropped } = await offlineReport(files, flags, io);
  const notes = [
    `${held} exchange${held === 1 ? '' : 's'} held against the contract`,
    ...(elsewhere > 0 ? [`${elsewhere} went elsewhere`] : []),
    ...[...skipped].map(([reason, count]) => `${count} message${count === 1 ? '' : 's'} not judged (${reason})`),
    ...(dropped > 0 ? [`${dropped} observations beyond the limit of findings`] : []),
  ];
  return { items, summary: `${notes.join(', ')}: ` };
}

function countOf(items: readonly FindingItem[]): string {
  const counts = ['new', 'acknowledged', 'resolved'].map((state) => [state, items.filter((item) => item.state === state).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}
