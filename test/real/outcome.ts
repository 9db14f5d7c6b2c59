import { type Json, type JsonObject, isObject, member } from './github.ts';
import type { Verdicts } from './verdicts.ts';

/** Totals, then one line an exchange, so that a change is a line of a diff. */
export function outcomeText(document: Json, all: readonly Verdicts[]): string {
  const totals = {
    contract: {
      version: member(member(document, 'info'), 'version'),
      openapi: member(document, 'openapi'),
      operations: operationsOf(document),
    },
    exchanges: all.length,
    matched: all.filter(({ operation }) => operation !== '_unmatched').length,
    unmatched: all.filter(({ operation }) => operation === '_unmatched').length,
    request: tally(all.map(({ request }) => request)),
    response: tally(all.map(({ response }) => response)),
    violations: all.reduce((sum, { violations }) => sum + violations.length, 0),
  };
  const lines = all.map(({ recording, operation, request, response, violations }) =>
    JSON.stringify({
      exchange: recording.name,
      status: recording.status,
      operation,
      request,
      response,
      violations: violations.map(({ side, location, rule, pointer }) => `${side} ${location} ${rule} ${pointer}`.trimEnd()),
    }),
  );
  const head = Object.entries(totals).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  return `{\n${head.join('\n')}\n  "each": [\n    ${lines.join(',\n    ')}\n  ]\n}\n`;
}

function tally(names: readonly string[]): JsonObject {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function operationsOf(document: Json): number {
  const methods = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put', 'trace'];
  return Object.values(member(document, 'paths') as JsonObject)
    .filter(isObject)
    .reduce((sum, item) => sum + Object.keys(item).filter((name) => methods.includes(name)).length, 0);
}
