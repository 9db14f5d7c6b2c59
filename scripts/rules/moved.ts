/** Rules with one of their numbers moved: some test must notice each. */
import { type AlertName, THRESHOLDS, type Thresholds } from './thresholds.ts';

export interface Moved {
  readonly alert: AlertName;
  /** `TimeoutRatio.ratio 0.05 → 0.035` */
  readonly what: string;
  readonly thresholds: Thresholds;
}

/** Less than the margins within which the tests stand on either side of a number. */
const FACTORS = [0.7, 1.4];
/** Tests look a minute before and at the minute; a `for` of two is halved and doubled. */
const TIME_FACTORS = [0.5, 2];

/** Every number of every alert, down and up. */
export function everyMove(): Moved[] {
  return (Object.keys(THRESHOLDS) as AlertName[]).flatMap((alert) =>
    Object.entries<number>(THRESHOLDS[alert]).flatMap(([key, value]) =>
      (/ForSeconds$|^forSeconds$/.test(key) ? TIME_FACTORS : FACTORS).map((factor) => {
        const to = Math.round(value * factor * 1e6) / 1e6;
        const thresholds: Thresholds = { ...THRESHOLDS, [alert]: { ...THRESHOLDS[alert], [key]: to } };
        return { alert, what: `${alert}.${key} ${value} → ${to}`, thresholds };
      }),
    ),
  );
}
