import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { isRecord } from '../chart/checks/manifest.ts';
import { root } from '../lint/tree.ts';

const fileOfChart = (name: string): string => readFileSync(join(root, 'helm/plumbline', name), 'utf8');

let compiled: ValidateFunction | undefined;

/** What the chart's schema says of values, as Helm asks it: on top of the chart's own. */
export function wrongValues(values: unknown): readonly string[] {
  compiled ??= new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(fileOfChart('values.schema.json')) as object);
  if (compiled(over(parse(fileOfChart('values.yaml')), values))) return [];
  return (compiled.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** Mappings are merged key by key, anything else takes the place of what was there. */
function over(standard: unknown, said: unknown): unknown {
  if (!isRecord(standard) || !isRecord(said)) return said;
  const keys = new Set([...Object.keys(standard), ...Object.keys(said)]);
  return Object.fromEntries([...keys].map((key) => [key, key in said ? over(standard[key], said[key]) : standard[key]]));
}
