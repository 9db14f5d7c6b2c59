/** Grafana's variables in an expression, replaced the way Grafana does, so that Prometheus can be asked without it. */
import type { BoardPanel } from './model.ts';

export interface Values {
  /** Of the scrapes: what the data source is told in Grafana. In s or ms. */
  readonly interval: string;
  /** Distance of two points of a panel; as `interval` where it is not said. */
  readonly step?: string;
  /** What is chosen, by variable; one that is not there is `All`. */
  readonly chosen?: Readonly<Record<string, readonly string[]>>;
}

export interface Expression {
  readonly legend: string;
  readonly expr: string;
}

/** The expressions of a panel as Prometheus takes them. @throws RangeError where an interval is none. */
export function expressionsFor(panel: Pick<BoardPanel, 'targets'>, values: Values): Expression[] {
  return panel.targets.map(({ expr, legend }) => ({ legend, expr: substitute(expr, values) }));
}

/** @throws RangeError where an interval is none. */
export function substitute(expr: string, values: Values): string {
  return expr.replaceAll(/\$\{?(__)?(\w+)\}?/g, (whole, own: string | undefined, name: string) => {
    if (own === undefined) return chosenPattern(values.chosen?.[name] ?? []);
    if (name === 'rate_interval') return rateInterval(values);
    throw new RangeError(`${whole} is not known here`);
  });
}

/** Four scrapes at least, as two may be missed; and a step with one scrape more, so that no scrape falls between two points. */
function rateInterval({ interval, step = interval }: Values): string {
  const scrapeMs = milliseconds(interval);
  return `${Math.max(milliseconds(step) + scrapeMs, 4 * scrapeMs)}ms`;
}

function milliseconds(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(digits) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new RangeError(`${text} is no interval`);
  return ms;
}

/**
 * `All` is what the boards say it is, `.*`; of jobs it is those of gateways, which a run has to choose where there are others. Chosen values are escaped for the regular expression, and once more for the string that it
 * stands in.
 */
function chosenPattern(chosen: readonly string[]): string {
  const escaped = chosen.map((value) => value.replaceAll('\\', '\\\\\\\\').replaceAll(/[$^*{}[\]'+?.()|]/g, '\\\\$&'));
  if (escaped.length === 0) return '.*';
  return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join('|')})`;
}
