import type { MetricSpec } from '../../core/ports.ts';

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** What the formats themselves append to a name, and what OpenMetrics forbids to others. */
const SUFFIX = /_(total|count|sum|bucket|created)$/;

/**
 * Throws TypeError where a metric could not be printed rightly in both formats: names (OpenMetrics 1.0 "Suffixes"), labels that the
 * formats reserve, buckets that do not ascend, a help text that one of them would have to escape.
 */
export function checkSpec(spec: MetricSpec): void {
  const wrong = (why: string): never => {
    throw new TypeError(`metric ${JSON.stringify(spec.name)}: ${why}`);
  };
  if (!NAME.test(spec.name)) wrong('name must be snake_case');
  if (spec.type === 'counter' ? !spec.name.endsWith('_total') : SUFFIX.test(spec.name)) {
    wrong(spec.type === 'counter' ? 'a counter ends in _total' : `a ${spec.type} must not end like a sample of another type`);
  }
  if (spec.help === '' || /["\\\n]/.test(spec.help)) wrong('help must be one line without quotes and backslashes');
  for (const label of spec.labels) if (!NAME.test(label) || label === 'le' || label === 'quantile') wrong(`label ${label} is not allowed`);
  if (new Set(spec.labels).size !== spec.labels.length) wrong('a label is there twice');
  if (spec.type !== 'histogram') return;
  const { buckets } = spec;
  const ascending = buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > (buckets[i - 1] as number)));
  if (buckets.length === 0 || !ascending) wrong('buckets must be finite and ascend');
}

/** True where both would make the same family. */
export function sameSpec(a: MetricSpec, b: MetricSpec): boolean {
  const shape = (s: MetricSpec): string => JSON.stringify([s.type, s.labels, s.type === 'histogram' ? s.buckets : []]);
  return a.name === b.name && shape(a) === shape(b);
}
