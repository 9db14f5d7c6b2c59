/** What `/metrics` says, in the text format 0.0.4. Pure. */

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const LINE = /^([^\s{]+)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

export function parseExposition(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(LABEL)].map(([, key, quoted]): [string, string] => [
      key as string,
      (quoted as string).replace(/\\(.)/g, (_, c: string) => ESCAPED[c] ?? c),
    ]);
    samples.push({ name, labels: new Map(pairs), value: Number(value) });
  }
  return samples;
}

/** Sum over every series of a metric that has at least these labels; 0 where there is none. */
export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels);
  let sum = 0;
  for (const sample of samples) {
    if (sample.name === name && wanted.every(([key, value]) => sample.labels.get(key) === value)) sum += sample.value;
  }
  return sum;
}
