import { advice, type Places } from './advice.ts';
import type { Breach, ConsumerSummary, Summary, Verdicts } from './summary.ts';
import { clock, cut, number, type Palette, paletteFor } from './text.ts';

export interface Look {
  /** Columns. */
  readonly width: number;
  /** Lines that may be used, by what was found alone; undefined: as many as it takes, with the advice. */
  readonly height: number | undefined;
  readonly colours: 'on' | 'off';
}

export interface Scene {
  readonly summary: Summary;
  readonly places: Places;
  /** Since when the provider has been breaking its contract, in milliseconds of the demo's time; undefined: it does not. */
  readonly driftingSinceMs: number | undefined;
  /** What a person should know and did not ask for: a port that was taken. */
  readonly notes: readonly string[];
}

const MIN_WIDTH = 60;

/** The summary as lines, none wider than `look.width` (60 at least). Pure. */
export function render(scene: Scene, look: Look): string[] {
  const paint = paletteFor(look.colours);
  const width = Math.max(look.width, MIN_WIDTH);
  const head = [...title(scene, width, paint), '', ...checked(scene.summary, paint), ''];
  const guilty = consumers(scene.summary, width, paint);
  const faults = provider(scene, width, paint);
  if (look.height === undefined) return [...head, ...guilty, '', ...faults, '', ...advice(scene.places, width, paint)];
  const room = Math.max(look.height - head.length - 1, 2);
  const forFaults = Math.max(Math.min(faults.length, Math.floor(room / 3)), room - guilty.length, 1);
  const forGuilty = room - Math.min(forFaults, faults.length);
  const shown = clip(shorten(scene.summary, forGuilty, width, paint), forGuilty, paint);
  return [...head, ...shown, '', ...clip(faults, forFaults, paint)].slice(0, look.height);
}

/** Of each consumer as many violations as `most` lines allow, so that in a small window all consumers are still there. */
function shorten(summary: Summary, most: number, width: number, paint: Palette): string[] {
  let rows = Math.max(...summary.consumers.map(({ breaches }) => breaches.length), 0);
  let lines = consumers(summary, width, paint);
  while (lines.length > most && rows > 0) {
    rows -= 1;
    lines = consumers(summary, width, paint, rows);
  }
  return lines;
}

/** The first `most` lines; the last of them says how many there are besides. */
function clip(lines: readonly string[], most: number, paint: Palette): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), paint.dim(`  … ${lines.length - most + 1} more lines in a taller window`)];
}

/** What stays when all has stopped: two lines, for a window of 80 columns too. */
export function farewell(summary: Summary): string {
  const invalid = summary.requests.invalid + summary.responses.invalid;
  const sides = invalid + summary.requests.valid + summary.responses.valid;
  const guilty = summary.consumers.filter((c) => c.breaches.length > 0).length;
  return (
    `Stopped after ${Math.round(summary.elapsedMs / 1000)} s: ${number(summary.exchanges)} exchanges, ` +
    `${number(sides)} requests and answers judged.\n` +
    `${number(invalid)} broke the contract: ${guilty} of ${summary.consumers.length} consumers, ` +
    `${summary.provider.length} ${summary.provider.length === 1 ? 'fault' : 'faults'} of the provider.`
  );
}

function title({ summary, places, driftingSinceMs, notes }: Scene, width: number, paint: Palette): string[] {
  const left = 'Plumbline demo';
  const right = `${clock(summary.elapsedMs)}   Ctrl-C stops`;
  const state = driftingSinceMs === undefined ? 'keeps its contract' : `drifts since ${clock(driftingSinceMs)}`;
  const mark = driftingSinceMs === undefined ? paint.green : paint.yellow;
  const way = `  consumers ─▶ gateway ${places.observed} ─▶ billing`;
  return [
    paint.bold(left) + paint.dim(right.padStart(width - left.length)),
    way.length + state.length + 3 > width ? cut(way, width) : `${way} (${mark(state)})`,
    ...notes.map((note) => paint.yellow(cut(`  ${note}`, width))),
  ];
}

function checked(summary: Summary, paint: Palette): string[] {
  const line = (label: string, v: Verdicts): string => {
    const invalid = `${number(v.invalid).padStart(6)} invalid`;
    return `  ${label.padEnd(11)}${number(v.valid).padStart(7)} valid ${v.invalid > 0 ? paint.red(invalid) : invalid} ${number(v.skipped).padStart(6)} skipped`;
  };
  return [
    `${paint.bold('Checked')}   ${number(summary.exchanges)} exchanges`,
    line('requests', summary.requests),
    line('responses', summary.responses),
  ];
}

/** `rows`: the most violations of one consumer. */
function consumers(summary: Summary, width: number, paint: Palette, rows = Number.POSITIVE_INFINITY): string[] {
  const lines = [`${paint.bold('Who breaks the contract')} (requests)`];
  if (summary.consumers.length === 0) lines.push(paint.dim('  nobody has called yet'));
  for (const consumer of summary.consumers) lines.push(...consumerLines(consumer, width, paint, rows));
  return lines;
}

function consumerLines(consumer: ConsumerSummary, width: number, paint: Palette, rows: number): string[] {
  const asked = `${number(consumer.requests)} ${consumer.requests === 1 ? 'request' : 'requests'}`;
  const hidden = consumer.breaches.length - rows;
  const name = cut(consumer.name, width - 36);
  if (consumer.breaches.length === 0) return [`  ${paint.green('✓')} ${name}${paint.dim(`  nothing wrong in ${asked}`)}`];
  return [
    `  ${paint.red('✗')} ${paint.bold(name)}${paint.dim(`  ${asked}${hidden > 0 ? `  … ${hidden} more` : ''}`)}`,
    ...consumer.breaches.slice(0, rows).map((breach) => row(breach, width, paint, '')),
  ];
}

function provider({ summary, driftingSinceMs }: Scene, width: number, paint: Palette): string[] {
  const lines = [`${paint.bold('What the provider breaks')} (responses)`];
  if (summary.provider.length === 0) {
    lines.push(`  ${paint.green('✓')} nothing${driftingSinceMs === undefined ? paint.dim('  (a careless release comes soon)') : ''}`);
  }
  for (const breach of summary.provider) lines.push(row(breach, width, paint, width >= 110 ? `hits ${breach.consumers.join(', ')}` : ''));
  return lines;
}

const COLUMNS = { operation: 14, location: 11, rule: 21, count: 8 } as const;

function row(breach: Breach, width: number, paint: Palette, tail: string): string {
  const fixed = 4 + COLUMNS.operation + COLUMNS.location + COLUMNS.rule + COLUMNS.count;
  const pointerWidth = Math.min(Math.max(width - fixed, 8), 28);
  const cell = (text: string, size: number): string => cut(text, size - 1).padEnd(size);
  const left = cell(breach.operation, COLUMNS.operation) + cell(breach.location, COLUMNS.location) + cell(breach.rule, COLUMNS.rule);
  const count = `${number(breach.count)}×`.padStart(COLUMNS.count);
  const rest = width - fixed - pointerWidth - 2;
  const end = tail === '' || rest < 12 ? '' : `  ${paint.dim(cut(tail, rest))}`;
  return cut(`    ${left}`, width - pointerWidth - COLUMNS.count) + cell(breach.pointer || '/', pointerWidth) + paint.yellow(count) + end;
}
