/** A strict reader of both exposition formats, for tests alone. Throws on everything that a scraper could trip over. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a bucket, in OpenMetrics only. */
  readonly exemplar?: { readonly labels: Readonly<Record<string, string>>; readonly value: number; readonly timestamp: number };
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** Family name as printed → type. */
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
}

/** A line may have any character but a line feed in it, so `.` must match carriage returns and line separators. */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
/** What may follow a value: ` # {labels} value timestamp` (OpenMetrics 1.0, "Exemplars"). The labels here need no escapes. */
const EXEMPLAR = /^(.*) # \{([^{}\\]*)\} (\S+) (\d+(?:\.\d+)?)$/s;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;

export function readExposition(text: string): Exposition {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let family = '';
  if (!text.endsWith('\n')) throw new Error('last line without a line feed');
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '# EOF') continue;
    const meta = /^# (HELP|TYPE) (\S+) (.*)$/s.exec(line);
    if (meta !== null) {
      const [, kind, name, rest] = meta as unknown as [string, string, string, string];
      const map = kind === 'HELP' ? helps : types;
      if (map.has(name)) throw new Error(`second ${kind}: ${line}`);
      map.set(name, rest);
      family = name;
      continue;
    }
    const sample = readSample(line);
    if (!sample.name.startsWith(family)) throw new Error(`outside its family ${family}: ${line}`);
    const key = seriesKey(sample);
    if (seen.has(key)) throw new Error(`series twice: ${line}`);
    seen.add(key);
    samples.push(sample);
  }
  return { samples, types, helps };
}

export function seriesKey(sample: Sample): string {
  return JSON.stringify([sample.name, Object.entries(sample.labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function readSample(line: string): Sample {
  const withExemplar = EXEMPLAR.exec(line);
  const parts = SAMPLE.exec(withExemplar?.[1] ?? line);
  if (parts === null) throw new Error(`unreadable line: ${JSON.stringify(line)}`);
  const sample = { name: parts[1] as string, labels: readLabels(parts[2] ?? '', line), value: readNumber(parts[3] as string) };
  if (withExemplar === null) return sample;
  const [, , labels, value, timestamp] = withExemplar as unknown as [string, string, string, string, string];
  if (!sample.name.endsWith('_bucket')) throw new Error(`an exemplar where none may be: ${line}`);
  return { ...sample, exemplar: { labels: readLabels(labels, line), value: readNumber(value), timestamp: Number(timestamp) } };
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = Object.create(null);
  let rest = text;
  while (rest !== '') {
    const label = LABEL.exec(rest);
    if (label === null) throw new Error(`unreadable label: ${JSON.stringify(line)}`);
    const [whole, name, value] = label as unknown as [string, string, string];
    if (name in labels) throw new Error(`label twice: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function readNumber(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}
