import { readFileSync, writeFileSync } from 'node:fs';
import { shapeOfPath } from './rows.ts';

/** One problem of `redocly drift`, as it is kept: no path of a machine, no value, no run. */
export interface RedoclyProblem {
  readonly rule: string;
  readonly severity: string;
  readonly side: string;
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  readonly message: string;
  readonly occurrences: number;
}

export interface RedoclyReport {
  readonly tool: string;
  readonly exchanges: number;
  readonly problems: readonly RedoclyProblem[];
}

const KEPT = new URL('recorded/redocly-drift.json', import.meta.url);

export function redoclyReport(): RedoclyReport {
  return JSON.parse(readFileSync(KEPT, 'utf8')) as RedoclyReport;
}

/** What `redocly drift --format json` writes, as far as it is read here. */
interface Written {
  readonly run: { readonly totalExchanges: number };
  readonly problems: ReadonlyArray<{
    readonly ruleId: string;
    readonly severity: string;
    readonly target: string;
    readonly method: string;
    readonly path: string;
    readonly operationId?: string;
    readonly message: string;
    readonly occurrences: number;
  }>;
}

/** In the order of the traffic, so that another version's report differs by what it says. */
export function keptForm(tool: string, { run, problems }: Written): RedoclyReport {
  return {
    tool,
    exchanges: run.totalExchanges,
    problems: problems.map(({ ruleId, severity, target, method, path, operationId, message, occurrences }) => ({
      rule: ruleId,
      severity,
      side: target,
      method,
      path: shapeOfPath(path),
      operation: operationId ?? '',
      message: message.replaceAll(path, shapeOfPath(path)),
      occurrences,
    })),
  };
}

/** `node test/real/redocly.ts drift.json @redocly/cli@2.77.0`: keeps what the tool wrote. */
if (import.meta.main) {
  const [file = '', tool = ''] = process.argv.slice(2);
  const { problems, ...head } = keptForm(tool, JSON.parse(readFileSync(file, 'utf8')) as Written);
  const lines = problems.map((problem) => `    ${JSON.stringify(problem)}`);
  const members = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  writeFileSync(KEPT, `{\n${members.join('')}  "problems": [\n${lines.join(',\n')}\n  ]\n}\n`);
}
