/** One scrape in the text format 0.0.4. */
export class Exposition {
  readonly #samples: ReadonlyArray<{ readonly name: string; readonly labels: ReadonlyMap<string, string>; readonly value: number }>;

  constructor(text: string) {
    this.#samples = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name = '', labels = '', value] = /^([^\s{]+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
        const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]): [string, string] => [
          key as string,
          text as string,
        ]);
        return { name, labels: new Map(pairs), value: Number(value) };
      });
  }

  /** Sum over every series that has at least these labels; 0 where there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.#samples
      .filter((sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels.get(key) === text))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Every value that a label has, over the series of a metric. */
  labelsOf(name: string, label: string): string[] {
    return [...new Set(this.#samples.filter((sample) => sample.name === name).map(({ labels }) => labels.get(label) ?? ''))];
  }
}

/** Reads `/metrics` of an admin server. */
export async function scrape(adminUrl: string): Promise<Exposition> {
  const answer = await fetch(`${adminUrl}/metrics`, { headers: { accept: 'text/plain; version=0.0.4' } });
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`);
  return new Exposition(await answer.text());
}
