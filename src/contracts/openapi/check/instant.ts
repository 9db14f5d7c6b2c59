const DATE = String.raw`(?<date>\d{4}-\d\d-(?<day>\d\d))`;
const TIME = String.raw`(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d):(?<second>[0-5]\d|60)(?:\.\d{1,12})?`;
const OFFSET = String.raw`(?:[Zz]|(?<sign>[+-])(?<offHour>[01]\d|2[0-3]):(?<offMinute>[0-5]\d))`;
const INSTANT = new RegExp(`^${DATE}(?:[Tt]${TIME}${OFFSET})?$`);

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * Milliseconds since 1970 of a date-time of RFC 3339 §5.6, or of a full-date: its beginning in UTC. Fractions of a second are dropped, as
 * no header field that says when something goes away has them. Undefined: neither, or a day that its month does not have.
 */
export function instantMs(text: string): number | undefined {
  const found = INSTANT.exec(text)?.groups;
  if (found === undefined) return undefined;
  const midnight = Date.parse(`${found['date']}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(found['day'])) return undefined;
  const of = (name: string): number => Number(found[name] ?? 0);
  const offset = (of('offHour') * 60 + of('offMinute')) * MINUTE;
  return midnight + (of('hour') * 60 + of('minute')) * MINUTE + of('second') * SECOND - (found['sign'] === '-' ? -offset : offset);
}
