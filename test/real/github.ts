import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, '../../node_modules/@octokit');

/** GitHub's own contract, OpenAPI 3.0.3. */
export const DOCUMENT_PATH = join(PACKAGES, 'openapi/generated/api.github.com.json');
/** One directory a scenario, each with its recording. */
export const SCENARIOS_PATH = join(PACKAGES, 'fixtures/scenarios/api.github.com');

const missing = [DOCUMENT_PATH, SCENARIOS_PATH].filter((path) => !existsSync(path));

/** Whether both packages are here. They are devDependencies: an install with `--omit=dev` leaves them out. */
export const isInstalled = missing.length === 0;

if (!isInstalled)
  process.stderr.write(`\n*** SKIPPED: nothing is held against GitHub's contract: not installed: ${missing.join(', ')}\n\n`);

/** The document as it is written; nothing is resolved. */
export function readDocument(): Json {
  return JSON.parse(readFileSync(DOCUMENT_PATH, 'utf8')) as Json;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object's own member. */
export function member(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
