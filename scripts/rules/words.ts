/** Pieces of annotations: templates of Prometheus, which it fills in when an alert fires. */

/** `shop/plumbline` in Kubernetes, `plumbline` elsewhere. */
export const JOB = '{{ with $labels.namespace }}{{ . }}/{{ end }}{{ $labels.job }}';

/** `2 gateways of shop/plumbline`, where the value is their number. */
export const GATEWAYS = `{{ $value }} gateway{{ if gt $value 1.0 }}s{{ end }} of ${JOB}`;

export const API = '{{ $labels.api }}';

/** `12.5%` of a share. */
export const SHARE = '{{ $value | humanizePercentage }}';

/**
 * The value of `label` that has most of what the counter `metric` has counted in `window`, said in `words` with `%` in its place; nothing where there is
 * none. `fixed`: a matcher; `same`: labels that are those of the alert.
 */
export function most(label: string, metric: string, fixed: string, same: readonly string[], window: string, words: string): string {
  const matchers = [...same.map((name) => `${name}=%q`), fixed].filter((matcher) => matcher !== '').join(',');
  const query = `topk(1, sum by (${label}) (increase(${metric}{${matchers}}[${window}])) > 0)`;
  const values = same.map((name) => ` $labels.${name}`).join('');
  return `{{ with printf \`${query}\`${values} | query }}${words.replace('%', `{{ . | first | label "${label}" }}`)}{{ end }}`;
}

/** A share in words: `5%`, as `SHARE` writes it. */
export function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

/** Seconds in words: `5 min`, `2 min`. */
export function minutes(seconds: number): string {
  return `${seconds / 60} min`;
}
