import { type Schema, checked, string } from '../core/schema.ts';
import { show } from '../core/schema/show.ts';

/** Of the suffixes that Kubernetes knows (apimachinery, `resource.Quantity`) those that can be meant of a sidecar. */
const FACTORS: Readonly<Record<string, number>> = { m: 0.001, '': 1, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

const FORM = /^(\d{1,12}(?:\.\d{1,3})?)(m|k|M|G|Ki|Mi|Gi)?$/;

/** A quantity as a plain number: CPUs, or bytes. NaN where it is none. */
export function amountOf(quantity: string): number {
  const [, digits, suffix = ''] = FORM.exec(quantity) ?? [];
  return digits === undefined ? Number.NaN : Number(digits) * (FACTORS[suffix] as number);
}

interface Kind {
  readonly what: string;
  readonly example: string;
  readonly suffixes: readonly string[];
}

const CPU: Kind = { what: 'CPU quantity', example: '250m or 0.5', suffixes: ['', 'm'] };
const MEMORY: Kind = { what: 'memory quantity', example: '128Mi or 1Gi', suffixes: ['', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi'] };

export const cpuRequest: Schema<string> = quantity(CPU, '1m');
/** With less it would be stopped by its startup probe before it has started. */
export const cpuLimit: Schema<string> = quantity(CPU, '50m');
export const memoryRequest: Schema<string> = quantity(MEMORY, '1Mi');
/** At rest it takes 95 MB, and `retire`, which the end begins with, is a second process in the same container. */
export const memoryLimit: Schema<string> = quantity(MEMORY, '160Mi');

/** Read as text; a number is one without a suffix, as Kubernetes reads it. */
function quantity({ what, example, suffixes }: Kind, least: string): Schema<string> {
  const text = checked(string({ type: what, maxLength: 32 }), (written) => {
    const found = show(written);
    const suffix = FORM.exec(written)?.[2] ?? '';
    const amount = amountOf(written);
    if (Number.isNaN(amount) || !suffixes.includes(suffix)) {
      return { code: 'malformed', message: `${found} is not a ${what} like ${example}`, found };
    }
    if (amount < amountOf(least)) return { code: 'out_of_range', message: `${found} is too little; at least ${least}`, found };
    return undefined;
  });
  return {
    ...text,
    empty: least,
    parse: (value, at, issues) => text.parse(typeof value === 'number' ? String(value) : value, at, issues),
  };
}
