import type { Fault } from './issues.ts';
import { type Schema, orVariable } from './node.ts';
import { type Bounds, scalar, wrongType } from './scalars.ts';
import { show } from './show.ts';

/** Smallest first. */
const DURATIONS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const SIZES: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);

/** Timers of Node take 2^31 − 1 ms at most, a little less than 25 days. */
const LONGEST_MS = 24 * 24 * 3_600_000;

/** In the largest unit that needs no fraction. */
function written(amount: number, units: ReadonlyMap<string, number>): string {
  let best = String(amount);
  for (const [unit, size] of units) if (amount > 0 && amount % size === 0) best = `${amount / size}${unit}`;
  return best;
}

function outOfRange(value: unknown, { min, max }: Bounds, units: ReadonlyMap<string, number>): Fault {
  const message = `${show(value)} is not within ${written(min, units)} to ${written(max, units)}`;
  return { code: 'out_of_range', message, found: show(value) };
}

/** A duration with its unit (`250ms`, `15s`, `5m`, `24h`), read as whole milliseconds. Bounds in milliseconds. */
export function durationMs({ min = 0, max = LONGEST_MS }: Partial<Bounds> = {}): Schema<number> {
  const form = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/;
  const expected = 'a duration like 250ms, 15s, 5m or 24h';
  return scalar({
    empty: min,
    type: 'duration',
    json: orVariable({ type: 'string', pattern: form.source }),
    read(value) {
      const parts = typeof value === 'string' ? form.exec(value) : null;
      if (parts === null) {
        const bare = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));
        return { fault: { ...wrongType(expected, value), ...(bare && { suggestion: Number(value) < 1000 ? `${value}s` : `${value}ms` }) } };
      }
      const ms = Math.round(Number(parts[1]) * (DURATIONS.get(parts[2] ?? '') ?? Number.NaN));
      return ms < min || ms > max ? { fault: outOfRange(value, { min, max }, DURATIONS) } : { value: ms };
    },
  });
}

/** A size (`64KiB`, `4MiB`, `1GiB`, or a plain number of bytes), read as bytes. Bounds in bytes. */
export function sizeBytes({ min, max }: Bounds): Schema<number> {
  const form = /^(\d{1,15}(?:\.\d{1,3})?)(B|KiB|MiB|GiB)?$/;
  const expected = 'a size like 64KiB, 4MiB or 1GiB';
  return scalar({
    empty: min,
    type: 'size',
    json: orVariable({
      anyOf: [
        { type: 'integer', minimum: min, maximum: max },
        { type: 'string', pattern: form.source },
      ],
    }),
    read(value) {
      const parts = typeof value === 'number' || typeof value === 'string' ? form.exec(String(value)) : null;
      const bytes = Number(parts?.[1]) * (SIZES.get(parts?.[2] ?? 'B') ?? Number.NaN);
      if (!Number.isInteger(bytes)) {
        const suggestion = typeof value === 'string' ? decimal(value) : undefined;
        return { fault: { ...wrongType(expected, value), ...(suggestion !== undefined && { suggestion }) } };
      }
      return bytes < min || bytes > max ? { fault: outOfRange(value, { min, max }, SIZES) } : { value: bytes };
    },
  });
}

/** `4MB`, `4mb` and `4M` are 4MiB to most who write them; the schema takes one spelling only. */
function decimal(value: string): string | undefined {
  const parts = /^(\d{1,15})\s?([kmg])i?b?$/i.exec(value);
  return parts === null ? undefined : `${parts[1]}${parts[2]?.toUpperCase()}iB`;
}
