import { beforeAll, describe, expect, it } from 'vitest';
import { type DriftReport, driftReport } from '../../src/app/offline/drift-report.ts';
import { subjectOf } from '../../src/app/offline/lane.ts';
import { readRecording } from '../../src/app/offline/recordings.ts';
import { loadSpec, specSettings } from '../../src/app/offline/spec.ts';
import type { FindingItem } from '../../src/core/views.ts';
import { type Shown, shownBy } from './drift-judge.ts';
import { compared, driftPage, reasonOf } from './drift-page.ts';
import { REASONS, RULINGS } from './drift-reasons.ts';
import { harOf } from './github-har.ts';
import { DOCUMENT_PATH, type Json, isInstalled, readDocument } from './github.ts';
import { readRecordings } from './recordings.ts';
import { redoclyReport } from './redocly.ts';

/** GitHub's recorded traffic as an HTTP Archive, held against GitHub's contract out of the path. */
describe.skipIf(!isInstalled)("what has changed between GitHub's traffic and its contract", () => {
  let document: Json;
  let report: DriftReport;
  let items: readonly FindingItem[];

  beforeAll(async () => {
    document = readDocument();
    const { contract } = await loadSpec(specSettings('github', DOCUMENT_PATH));
    const recording = readRecording(JSON.stringify(harOf(readRecordings())));
    if (contract === undefined || recording === undefined) throw new Error('not read');
    report = await driftReport(subjectOf(contract, new Map()), recording.exchanges, undefined);
    items = report.items.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }, 60_000);

  it('holds every exchange with the hosts of the contract against it, and judges every message', () => {
    expect(report).toMatchObject({ held: 131, elsewhere: 1, unrouted: 0, unrecorded: 0, dropped: 0, skipped: new Map() });
  });

  it('finds what another judge finds by the words of the document, as often, and nothing else', () => {
    const shown = readRecordings()
      .filter(({ requestHeaders }) => !requestHeaders.includes('codeload.github.com'))
      .flatMap((recording) => shownBy(document, recording));
    const expected = countsOf(shown.map((one) => keyOf(one)));
    const found = Object.fromEntries(items.map((item) => [keyOf(shownOf(item)), item.count]));
    expect(expected).toEqual(found);
    expect(Object.keys(found)).toHaveLength(items.length);
  });

  it('no two findings are of one thing: what changed once is found once', () => {
    const places = items.map(({ kind, specPointer, name }) => `${kind} ${specPointer} ${name}`);
    expect(new Set(places).size).toBe(items.length);
    expect(items.filter(({ kind }) => kind === 'missing_required').map(({ name, operations }) => [name, operations.length])).toEqual([
      ['has_discussions', 3],
      ['archived_at', 1],
      ['digest', 4],
      ['type', 1],
      ['search_type', 1],
    ]);
  });

  it('somebody has judged each of them, and each reason is one of a finding', () => {
    const reasons = items.map(reasonOf);
    expect(REASONS.filter((reason) => !reasons.includes(reason))).toEqual([]);
  });

  it('of what redocly tells, each problem is compared, and each ruling is about one', () => {
    const rows = compared(items, redoclyReport());
    expect(rows.filter(({ ruling, problems }) => ruling !== undefined && problems.length === 0)).toEqual([]);
    expect(RULINGS.length).toBe(rows.filter(({ ruling }) => ruling !== undefined).length);
    // Where both count the same thing, they count the same.
    const counts = rows
      .filter(({ finding, problems }) => finding !== undefined && problems.length > 0)
      .map(({ finding, problems }) => [finding?.name, finding?.count, problems.reduce((sum, one) => sum + one.occurrences, 0)]);
    expect(counts.filter(([, ours, theirs]) => ours !== theirs)).toEqual([]);
  });

  it('is told in the docs', async () => {
    await expect(driftPage(document, items, redoclyReport())).toMatchFileSnapshot('../../docs/drift-github.md');
  });
});

const KINDS = ['missing_required', 'undocumented_media_type', 'valid_refused', 'undocumented_header', 'undocumented_endpoint'];

/** Of a new kind it is the first, and so the page shows it. */
function orderOf({ kind, specPointer, name }: FindingItem): string {
  return `${String.fromCharCode(98 + KINDS.indexOf(kind))} ${specPointer} ${name.split(' ').toReversed().join(' ')}`;
}

function keyOf({ kind, place, name }: Shown): string {
  return `${kind} ${place} ${name}`;
}

/** In the words of the other judge: an unknown path by what may be a number or a name in it. */
function shownOf({ kind, specPointer, name }: FindingItem): Shown {
  if (kind !== 'undocumented_endpoint') return { kind, place: specPointer, name };
  const place = name
    .replaceAll('{}', '{number}')
    .replace('{ref}/test', 'heads/test')
    .replace('{owner}/{repo}', name.endsWith('contents/') ? 'octokit-fixture-org/hello-world' : 'octokit-fixture-org/{name}');
  return { kind, place, name: '' };
}

function countsOf(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
