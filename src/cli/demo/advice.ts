import { cut, type Palette } from './text.ts';

/** Where the demo's parts listen: origins. */
export interface Places {
  readonly observed: string;
  readonly enforced: string;
  readonly admin: string;
  readonly provider: string;
}

/** Commands that work as they stand while the demo runs; the last one when it has stopped, because it wants the same ports. */
export function advice(places: Places, width: number, paint: Palette): string[] {
  const entry = (what: string, ...command: string[]): string[] => [paint.dim(cut(`  # ${what}`, width)), ...shell(command, width)];
  return [
    paint.bold('Where to look'),
    ...entry('each violation: operation, place, rule, consumer', `curl -s '${places.admin}/api/violations?consumer=mobile-app&limit=3'`),
    ...entry('the same as Prometheus sees it', `curl -s ${places.admin}/metrics`, '| grep contract_violations_total'),
    ...entry(
      'where traffic and contract differ, grouped: since when, how often, for whom',
      `npx plumbline drift report --admin ${places.admin}`,
    ),
    paint.bold('What to try next'),
    ...entry(
      'a bad payment on the port that enforces: 422, the provider never sees it',
      `curl -i ${places.enforced}/v1/payments`,
      "-H 'Content-Type: application/json'",
      "-H 'Idempotency-Key: try-1'",
      `-d '{"amount":{"currency":"USD","value":12.5}}'`,
    ),
    ...entry(
      'the provider drifts after six seconds; this mends it (true: drifts again)',
      `curl -s ${places.provider}/_drift`,
      "-H 'Content-Type: application/json'",
      `-d '{"on":false}'`,
    ),
    ...entry('your own service, once the demo has stopped', 'npx plumbline run --spec openapi.yaml', '--upstream http://127.0.0.1:3000'),
  ];
}

/** A command over as many lines as it takes, so that it can be copied as it stands. */
function shell(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '  ';
  for (const word of words) {
    if (line.trim() !== '' && line.length + word.length + 3 > width) {
      lines.push(`${line} \\`);
      line = '   ';
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
