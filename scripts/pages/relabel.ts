/** One step of `relabel_configs`, as far as our pages use them. */
export interface Relabelling {
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly action?: string;
  readonly target_label?: string;
}

export type Labels = Readonly<Record<string, string>>;

/**
 * What becomes of a discovered target: its labels, without those that begin with `__`; undefined where it is dropped. As Prometheus has it: the source labels
 * joined by `;`, the expression over all of it, an empty value as no label. @throws on what is not known here.
 */
export function relabel(target: Labels, steps: readonly Relabelling[]): Labels | undefined {
  const labels: Record<string, string> = { ...target };
  for (const { source_labels = [], regex = '(.*)', action = 'replace', target_label } of steps) {
    const value = source_labels.map((name) => labels[name] ?? '').join(';');
    const found = new RegExp(`^(?:${regex})$`, 's').exec(value);
    if (action === 'keep' || action === 'drop') {
      if ((found !== null) !== (action === 'keep')) return undefined;
    } else if (action === 'replace' && target_label !== undefined) {
      if (found !== null) labels[target_label] = found[1] ?? value;
    } else {
      throw new Error(`relabelling ${action} is not known here`);
    }
  }
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => !name.startsWith('__') && value !== ''));
}
