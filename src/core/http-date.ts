/** Dates as HTTP writes them: three formats, all of them to be understood by whoever reads one (RFC 9110 §5.6.7). */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = String.raw`(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d):(?<second>[0-5]\d|60)`;
const YEAR = String.raw`(?<year>[1-9]\d{3})`;

const FORMATS = [
  new RegExp(String.raw`^${DAY}, (?<day>\d\d) ${MONTH} ${YEAR} ${TIME} GMT$`), //      Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(String.raw`^${LONG_DAY}, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT$`), // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(String.raw`^${DAY} ${MONTH} (?<day>[ \d]\d) ${TIME} ${YEAR}$`), //        Sun Nov  6 08:49:37 1994
];

/**
 * Milliseconds since 1970, or undefined where it is no date. `nowMs` (the same measure) tells the century of a year of two digits: never
 * more than 50 years ahead. The name of the day is not held against the date.
 */
export function httpDateMs(text: string, nowMs: number): number | undefined {
  for (const format of FORMATS) {
    const found = format.exec(text)?.groups;
    if (found === undefined) continue;
    const [day, hour, minute, second] = [found['day'], found['hour'], found['minute'], found['second']].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const month = MONTHS.indexOf(found['month'] as string);
    const inYear = (year: number): number => Date.UTC(year, month, day, hour, minute, second);
    const written = found['year'] as string;
    const ms = inYear(written.length === 4 ? Number(written) : fullYear(Number(written), inYear, nowMs));
    // A day that its month does not have would be one of the next month; a leap second may be the first of the next day.
    return new Date(ms - second * 1000).getUTCDate() === day ? ms : undefined;
  }
  return undefined;
}

/** The year of this century, or of the last one where the date would lie more than 50 years ahead. */
function fullYear(ofCentury: number, inYear: (year: number) => number, nowMs: number): number {
  const now = new Date(nowMs);
  const year = now.getUTCFullYear() - (now.getUTCFullYear() % 100) + ofCentury;
  return inYear(year) > new Date(nowMs).setUTCFullYear(now.getUTCFullYear() + 50) ? year - 100 : year;
}
